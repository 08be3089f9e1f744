/** Signatures of client assertions that Keywright makes, in the order of preference (RFC 7518, RFC 8037). */
export const KEY_ALGORITHMS = ['ES256', 'EdDSA', 'PS256', 'RS256'];

/** The method of a client that authenticates with a key (OpenID Connect Core, section 9). */
export const PRIVATE_KEY_JWT = 'private_key_jwt';
