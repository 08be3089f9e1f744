import { left } from '$lib/format';
import type { CookieRole, EndSource, ImportedCookie, SessionEndReason, SessionView } from '$lib/ipc';
import * as m from '$lib/messages';

/** Limits of Kong's OpenID Connect plugin, as the preset of the configuration has them. */
export const KONG_PRESET = 'kong-openid-connect';

export function endReason(reason: SessionEndReason): string {
  const texts: Record<SessionEndReason, () => string> = {
    refused: m.sessions_ended_refused,
    login: m.sessions_ended_login,
    deleted: m.sessions_ended_deleted,
    limit: m.sessions_ended_limit,
    expired: m.sessions_ended_expired,
  };
  return texts[reason]();
}

/** Who named a limit, behind its name: "cookie date". */
export function sourceName(source: EndSource): string {
  const texts: Record<EndSource, () => string> = {
    cookie: m.sessions_source_cookie,
    configuration: m.sessions_source_configuration,
    preset: m.sessions_source_preset,
    unknown: m.sessions_source_unknown,
  };
  return texts[source]();
}

export function roleName(role: CookieRole): string {
  const texts: Record<CookieRole, () => string> = {
    session: m.sessions_role_session,
    candidate: m.sessions_role_candidate,
    load_balancer: m.sessions_role_load_balancer,
    network: m.sessions_role_network,
    csrf: m.sessions_role_csrf,
    login_state: m.sessions_role_login_state,
    analytics: m.sessions_role_analytics,
    other: m.sessions_role_other,
  };
  return texts[role]();
}

/** What the preview of a pasted session says beside a cookie. */
export function proposal(cookie: ImportedCookie): string {
  if (cookie.left_out === 'analytics') return m.sessions_paste_analytics();
  if (cookie.left_out === 'expired') return m.sessions_paste_expired();
  if (cookie.left_out === 'other_address') return m.sessions_paste_other_address();
  if (cookie.role === 'session' || cookie.role === 'candidate') return m.sessions_paste_looks_like();
  return roleName(cookie.role);
}

/** Nobody named an end: neither a cookie nor the configuration. */
export function endsUnknown(session: SessionView): boolean {
  return session.live && session.ends_at === null;
}

/** "2 h 14 min": the two largest units, for how long something has lasted. */
export function span(secs: number): string {
  const hours = Math.floor(secs / 3600);
  const minutes = Math.floor((secs % 3600) / 60);
  if (hours === 0 || hours >= 24 || minutes === 0) return left(secs);
  return m.sessions_hours_minutes({ hours, minutes });
}
