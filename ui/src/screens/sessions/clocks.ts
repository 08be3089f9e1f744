import type { CallAuth, SessionClock, SessionView } from '$lib/ipc';
import * as m from '$lib/messages';

/** From here on the list draws the time in amber. */
const SOON_SECS = 10 * 60;

/** "Idle", "Rolling", "Absolute"; a name this page does not know is shown as it is. */
export function clockName(name: string): string {
  if (name === 'idle') return m.sessions_clock_idle();
  if (name === 'rolling') return m.sessions_clock_rolling();
  if (name === 'absolute') return m.sessions_clock_absolute();
  if (name === 'cookie') return m.sessions_clock_cookie();
  return name;
}

/** The same inside a row: "idle". */
export function clockWord(name: string): string {
  if (name === 'idle') return m.sessions_clock_idle_word();
  if (name === 'rolling') return m.sessions_clock_rolling_word();
  if (name === 'absolute') return m.sessions_clock_absolute_word();
  if (name === 'cookie') return m.sessions_clock_cookie_word();
  return name;
}

export function madeWith(way: CallAuth): string {
  if (way === 'client-credentials') return m.sessions_with_client_credentials();
  if (way === 'bearer') return m.sessions_with_bearer();
  return m.sessions_with_cookie();
}

/** A clock that has run out ends the session here too, before the core says so. */
export function isLive(session: SessionView, nowSecs: number): boolean {
  return session.live && (session.ends_at === null || session.ends_at > nowSecs);
}

export function isSoon(session: SessionView, nowSecs: number): boolean {
  return session.ends_at !== null && session.ends_at - nowSecs < SOON_SECS;
}

/** What is left of a clock, from 0 to 100. */
export function share(clock: SessionClock, nowSecs: number): number {
  if (clock.ends_at === null || clock.limit_secs <= 0) return 0;
  return Math.min(100, Math.max(0, ((clock.ends_at - nowSecs) / clock.limit_secs) * 100));
}
