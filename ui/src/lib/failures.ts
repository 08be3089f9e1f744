import type { ErrorCode, ErrorView } from '$lib/ipc';

/** A field of a request for a token. */
export type RequestField = 'details' | 'grant' | 'resource' | 'scope';

/** What was typed and cannot be sent. */
const TYPED: Partial<Record<ErrorCode, RequestField>> = {
  authorization_details: 'details',
  grant_name: 'grant',
  grant_unknown: 'grant',
  resource: 'resource',
};
/** What a server refuses every time (RFC 6749 §5.2, RFC 8707 §2, RFC 9396 §5). */
const REFUSED: Partial<Record<string, RequestField>> = {
  invalid_authorization_details: 'details',
  invalid_scope: 'scope',
  invalid_target: 'resource',
  unauthorized_client: 'grant',
  unsupported_grant_type: 'grant',
};

/** What must be changed in a request for a token, where the same request fails again. */
export function fieldToChange(view: ErrorView): RequestField | undefined {
  return TYPED[view.code] ?? REFUSED[view.provider?.error ?? ''];
}
