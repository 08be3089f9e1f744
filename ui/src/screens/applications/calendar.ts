import type { EndView } from '$lib/ipc';

export const WEEKS = 5;
export const DAYS = WEEKS * 7;

/** One day and what ends on it. */
export type Day = { date: Date; ends: EndView[] };

const midnight = (date: Date): Date => new Date(date.getFullYear(), date.getMonth(), date.getDate());

/** Days are added by the calendar: one of them may last 23 or 25 hours. */
export const plus = (date: Date, days: number): Date =>
  new Date(date.getFullYear(), date.getMonth(), date.getDate() + days);

/** The Monday of the week that a day is in. */
export const monday = (date: Date): Date => plus(midnight(date), -((date.getDay() + 6) % 7));

export const secs = (date: Date): number => Math.floor(date.getTime() / 1000);

export const sameDay = (one: Date, other: Date): boolean => one.toDateString() === other.toDateString();

/** The days from the first on, each with what ends on it. */
export function daysOf(first: Date, ends: EndView[]): Day[] {
  const byDay = new Map<string, EndView[]>();
  for (const end of ends) {
    const key = new Date(end.at * 1000).toDateString();
    byDay.set(key, [...(byDay.get(key) ?? []), end]);
  }
  return Array.from({ length: DAYS }, (_, index) => {
    const date = plus(first, index);
    return { date, ends: byDay.get(date.toDateString()) ?? [] };
  });
}
