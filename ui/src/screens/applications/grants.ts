import type { TokenView } from '$lib/ipc';
import * as m from '$lib/messages';

export const CLIENT_CREDENTIALS = 'client_credentials';
export const REFRESH_TOKEN = 'refresh_token';
const NAMES: Record<string, () => string> = {
  [CLIENT_CREDENTIALS]: m.applications_grant_client_credentials,
  [REFRESH_TOKEN]: m.applications_grant_refresh_token,
  authorization_code: m.tokens_grant_authorization_code,
  'urn:ietf:params:oauth:grant-type:device_code': m.tokens_grant_device_code,
};

/** The name of a grant; one that is not known by its own. */
export const grantName = (grant: string): string => NAMES[grant]?.() ?? grant;

/** Who signed in, in the order of what a person recognizes (OpenID Connect Core, section 5.1). */
export function userOf(token: TokenView): string | undefined {
  const claims = token.id_token?.claims ?? [];
  const named = ['preferred_username', 'email', 'name', 'sub'].map(
    (name) => claims.find((claim) => claim.name === name)?.value,
  );
  return named.find((value) => value !== undefined && value !== '');
}

/** Where a token came from: its user, else its grant. */
export function originOf(token: TokenView): string {
  const user = userOf(token);
  return user === undefined ? grantName(token.grant) : m.tokens_signed_in_as({ name: user });
}

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

/** Both lists name the same scopes; their order means nothing. */
export const sameScopes = (one: string, other: string): boolean =>
  words(one).sort().join(' ') === words(other).sort().join(' ');
