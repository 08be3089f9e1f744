import * as m from '$lib/messages';
import { getLocale } from '$lib/paraglide/runtime.js';

const MINUTE = 60;
const HOUR = 3600;
const DAY = 86_400;
const YEAR = 365.25 * DAY;
/** From here on a span is shown in years: nobody counts 26,695 days. */
const LONG = 2 * YEAR;

/** Thresholds of the expiry colours; the same in list, detail and notifications. */
export const WARN_DAYS = 30;
export const BAD_DAYS = 3;

export type ExpiryTone = 'none' | 'never' | 'ok' | 'warn' | 'bad';

/** The user's own form of the language in use; British English and Japanese where the system speaks another one. */
function tag(): string {
  const language = getLocale();
  const own = navigator.languages.find((one) => one.toLowerCase().split('-')[0] === language);
  return own ?? (language === 'ja' ? 'ja-JP' : 'en-GB');
}

/** Sentences one after the other; Japanese has no space between them. What is absent is left out. */
export function sentences(...all: (string | false | null | undefined)[]): string {
  return all.filter(Boolean).join(getLocale() === 'ja' ? '' : ' ');
}

/** "2 min ago" or "in 3 h". `at` and `nowSecs` are Unix seconds. */
export function relative(at: number, nowSecs: number): string {
  const gap = Math.abs(at - nowSecs);
  if (gap < 5) return m.common_ago_now();
  const past = at < nowSecs;
  if (gap < MINUTE) return past ? m.common_ago_secs({ n: gap }) : m.common_in_secs({ n: gap });
  if (gap < HOUR) {
    const n = Math.floor(gap / MINUTE);
    return past ? m.common_ago_mins({ n }) : m.common_in_mins({ n });
  }
  if (gap < DAY) {
    const n = Math.floor(gap / HOUR);
    return past ? m.common_ago_hours({ n }) : m.common_in_hours({ n });
  }
  if (gap >= LONG) {
    const n = number(Math.floor(gap / YEAR));
    return past ? m.common_ago_years({ n }) : m.common_in_years({ n });
  }
  const n = Math.floor(gap / DAY);
  return past ? m.common_ago_days({ n: number(n) }) : m.common_in_days({ n: number(n) });
}

/** "5 Dec 2026, 09:00" or "Dec 5, 2026, 9:00 AM" in the user's time zone. */
export function exact(at: number): string {
  return new Intl.DateTimeFormat(tag(), {
    day: 'numeric',
    month: 'short',
    year: 'numeric',
    hour: 'numeric',
    minute: '2-digit',
  }).format(new Date(at * 1000));
}

/** "09:20", with seconds "09:20:31", as the locale writes it. */
export function timeOfDay(date: Date, seconds: boolean): string {
  return new Intl.DateTimeFormat(tag(), {
    hour: 'numeric',
    minute: '2-digit',
    second: seconds ? '2-digit' : undefined,
  }).format(date);
}

/** "Saturday, 5 December 2026". */
export function dayOf(date: Date): string {
  return new Intl.DateTimeFormat(tag(), { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric' }).format(
    date,
  );
}

/** "5 Dec". */
export function monthDay(date: Date): string {
  return new Intl.DateTimeFormat(tag(), { day: 'numeric', month: 'short' }).format(date);
}

/** "Mon". */
export function weekday(date: Date): string {
  return new Intl.DateTimeFormat(tag(), { weekday: 'short' }).format(date);
}

/** The time today, the whole date before. */
export function moment(at: number, nowSecs: number): string {
  const date = new Date(at * 1000);
  const today = date.toDateString() === new Date(nowSecs * 1000).toDateString();
  return today ? timeOfDay(date, true) : exact(at);
}

/** How long something took: "840 ms", "1.2 s", "2 min 5 s". */
export function duration(ms: number): string {
  if (ms < 1000) return m.common_ms({ n: Math.round(ms) });
  if (ms < MINUTE * 1000) return m.common_secs({ n: number(Math.round(ms / 100) / 10) });
  const secs = Math.round(ms / 1000);
  return m.common_mins_secs({ n: number(Math.floor(secs / MINUTE)), s: secs % MINUTE });
}

/** How much is left, in the largest whole unit: "12 min". Never below zero. */
export function left(secs: number): string {
  const rest = Math.max(0, Math.floor(secs));
  if (rest < MINUTE) return m.common_secs({ n: rest });
  if (rest < HOUR) return m.common_mins({ n: Math.floor(rest / MINUTE) });
  if (rest < DAY) return m.common_hours({ n: Math.floor(rest / HOUR) });
  if (rest >= LONG) return m.common_years({ n: number(Math.floor(rest / YEAR)) });
  return m.common_days({ n: number(Math.floor(rest / DAY)) });
}

/** `null` says nothing about an end; 0 says that there is none (RFC 7591, section 3.2.1). */
export function expiryTone(expiresAt: number | null, nowSecs: number): ExpiryTone {
  if (expiresAt === null) return 'none';
  if (expiresAt === 0) return 'never';
  const rest = expiresAt - nowSecs;
  if (rest <= BAD_DAYS * DAY) return 'bad';
  if (rest <= WARN_DAYS * DAY) return 'warn';
  return 'ok';
}

/** "10,284". */
export function number(n: number): string {
  return new Intl.NumberFormat(tag(), { maximumFractionDigits: 1 }).format(n);
}

/** "a, b and c", as the language joins a list. */
export function list(parts: string[]): string {
  return new Intl.ListFormat(tag(), { type: 'conjunction' }).format(parts);
}

/** Time left as a clock that ticks: `14:58`, `1:02:03`; days from a day on. */
export function clockOf(secs: number): string {
  if (secs >= DAY) return left(secs);
  const hours = Math.floor(secs / HOUR);
  const mins = String(Math.floor((secs % HOUR) / MINUTE)).padStart(hours > 0 ? 2 : 1, '0');
  const rest = String(secs % MINUTE).padStart(2, '0');
  return hours > 0 ? `${hours}:${mins}:${rest}` : `${mins}:${rest}`;
}
