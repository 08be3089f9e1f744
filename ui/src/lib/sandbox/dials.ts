import type { SandboxFaults, VendorDialView } from '$lib/ipc';
import * as m from '$lib/messages';

type Keys<T> = { [K in keyof SandboxFaults]: SandboxFaults[K] extends T ? K : never }[keyof SandboxFaults];

/** A dial with a number. */
export type NumberDial = {
  name: Keys<number>;
  label: () => string;
  hint: () => string;
  unit: 'percent' | 'ms' | 'per_second';
  max: number;
};

/** A dial that is on or off. */
export type SwitchDial = { name: Keys<boolean>; label: () => string; hint: () => string };

/** The longest wait that can be set. */
export const MAX_MS = 60_000;

export const NUMBERS: NumberDial[] = [
  { name: 'latency_ms', label: m.sandbox_latency, hint: m.sandbox_latency_hint, unit: 'ms', max: MAX_MS },
  {
    name: 'too_many_requests_percent',
    label: m.sandbox_too_many,
    hint: m.sandbox_too_many_hint,
    unit: 'percent',
    max: 100,
  },
  {
    name: 'rate_limit_per_second',
    label: m.sandbox_rate_limit,
    hint: m.sandbox_rate_limit_hint,
    unit: 'per_second',
    max: 10_000,
  },
  {
    name: 'server_errors_percent',
    label: m.sandbox_server_errors,
    hint: m.sandbox_server_errors_hint,
    unit: 'percent',
    max: 100,
  },
  {
    name: 'drop_after_receiving_percent',
    label: m.sandbox_drop,
    hint: m.sandbox_drop_hint,
    unit: 'percent',
    max: 100,
  },
  {
    name: 'replication_lag_ms',
    label: m.sandbox_replication,
    hint: m.sandbox_replication_hint,
    unit: 'ms',
    max: MAX_MS,
  },
];

export const SWITCHES: SwitchDial[] = [
  { name: 'retry_after', label: m.sandbox_retry_after, hint: m.sandbox_retry_after_hint },
  { name: 'html_errors', label: m.sandbox_html_errors, hint: m.sandbox_html_errors_hint },
  { name: 'expired_secrets', label: m.sandbox_expired, hint: m.sandbox_expired_hint },
  { name: 'secrets_over', label: m.sandbox_secrets_expired, hint: m.sandbox_secrets_expired_hint },
  { name: 'forget_clients', label: m.sandbox_forget, hint: m.sandbox_forget_hint },
  { name: 'rotate_registration_token', label: m.sandbox_rotate, hint: m.sandbox_rotate_hint },
  { name: 'grant_less', label: m.sandbox_grant_less, hint: m.sandbox_grant_less_hint },
  { name: 'keys_rolled_over', label: m.sandbox_keys_rolled_over, hint: m.sandbox_keys_rolled_over_hint },
  { name: 'wrong_issuer', label: m.sandbox_wrong_issuer, hint: m.sandbox_wrong_issuer_hint },
  { name: 'truncated_body', label: m.sandbox_truncated, hint: m.sandbox_truncated_hint },
  { name: 'huge_body', label: m.sandbox_huge, hint: m.sandbox_huge_hint },
];

/** What the dials that only one personality has are called, by their key. */
const VENDOR: Record<string, { label: () => string; hint: () => string }> = {
  rotation_lag_ms: { label: m.sandbox_rotation_lag, hint: m.sandbox_rotation_lag_hint },
  rotated_secret_ttl_ms: { label: m.sandbox_rotated_secret_ttl, hint: m.sandbox_rotated_secret_ttl_hint },
  deactivate_before_delete: { label: m.sandbox_deactivate_first, hint: m.sandbox_deactivate_first_hint },
  no_access_policy: { label: m.sandbox_no_policy, hint: m.sandbox_no_policy_hint },
  no_secrets_api: { label: m.sandbox_no_secrets_api, hint: m.sandbox_no_secrets_api_hint },
  read_only_admin: { label: m.sandbox_read_only_admin, hint: m.sandbox_read_only_admin_hint },
  open_registration: { label: m.sandbox_open_registration, hint: m.sandbox_open_registration_hint },
  management_off: { label: m.sandbox_management_off, hint: m.sandbox_management_off_hint },
  reuse_registration_token: { label: m.sandbox_reuse_token, hint: m.sandbox_reuse_token_hint },
  secret_lag_ms: { label: m.sandbox_secret_lag, hint: m.sandbox_secret_lag_hint },
  dates_as_text: { label: m.sandbox_dates_as_text, hint: m.sandbox_dates_as_text_hint },
  keeps_old_secrets: { label: m.sandbox_keeps_old_secrets, hint: m.sandbox_keeps_old_secrets_hint },
  upstream_down: { label: m.sandbox_upstream_down, hint: m.sandbox_upstream_down_hint },
  no_key_permission: { label: m.sandbox_no_key_permission, hint: m.sandbox_no_key_permission_hint },
  tenant_full: { label: m.sandbox_tenant_full, hint: m.sandbox_tenant_full_hint },
  open_registration_off: { label: m.sandbox_open_registration_off, hint: m.sandbox_open_registration_off_hint },
  graph_lag_ms: { label: m.sandbox_graph_lag, hint: m.sandbox_graph_lag_hint },
  permission_missing: { label: m.sandbox_permission_missing, hint: m.sandbox_permission_missing_hint },
  secrets_forbidden: { label: m.sandbox_secrets_forbidden, hint: m.sandbox_secrets_forbidden_hint },
  wrong_iss: { label: m.sandbox_wrong_iss, hint: m.sandbox_wrong_iss_hint },
  wrong_state: { label: m.sandbox_wrong_state, hint: m.sandbox_wrong_state_hint },
  code_accepted_twice: { label: m.sandbox_code_twice, hint: m.sandbox_code_twice_hint },
  pkce_plain_only: { label: m.sandbox_plain_only, hint: m.sandbox_plain_only_hint },
  consent_late_ms: { label: m.sandbox_consent_late, hint: m.sandbox_consent_late_hint },
  slow_down_for_ever: { label: m.sandbox_slow_down, hint: m.sandbox_slow_down_hint },
  dpop_nonce_storm: { label: m.sandbox_nonce_storm, hint: m.sandbox_nonce_storm_hint },
  secret_lifetime_capped: { label: m.sandbox_lifetime_capped, hint: m.sandbox_lifetime_capped_hint },
};

/** The words of a dial that only one personality has; its key where nobody gave it words. */
export function vendorWords(dial: VendorDialView): { label: string; hint?: string } {
  const words = VENDOR[dial.key];
  return words ? { label: words.label(), hint: words.hint() } : { label: dial.key };
}

/** Every dial off. */
export const NONE: SandboxFaults = {
  latency_ms: 0,
  too_many_requests_percent: 0,
  retry_after: false,
  server_errors_percent: 0,
  html_errors: false,
  drop_after_receiving_percent: 0,
  truncated_body: false,
  huge_body: false,
  expired_secrets: false,
  secrets_over: false,
  rotate_registration_token: false,
  forget_clients: false,
  wrong_issuer: false,
  replication_lag_ms: 0,
  grant_less: false,
  keys_rolled_over: false,
  rate_limit_per_second: 0,
  vendor: {},
};

/** A whole number from a field, within the bounds; absent when it is none. */
export function whole(text: string, min: number, max: number): number | undefined {
  const trimmed = text.trim();
  if (!/^\d+$/.test(trimmed)) return undefined;
  const value = Number(trimmed);
  return value >= min && value <= max ? value : undefined;
}
