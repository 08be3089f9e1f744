/** The method of a client that authenticates with a key (OpenID Connect Core, section 9). */
export const PRIVATE_KEY_JWT = 'private_key_jwt';
