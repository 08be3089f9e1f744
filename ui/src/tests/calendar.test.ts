import { expect, it } from 'vitest';
import type { EndView } from '$lib/ipc';
import { DAYS, daysOf, monday, plus, secs } from '../screens/applications/calendar';

it('begins on a Monday and has five weeks', () => {
  expect([0, 1, 6].map((offset) => monday(new Date(2026, 10, 30 + offset)).getDate())).toEqual([30, 30, 30]);
  expect(monday(new Date(2026, 10, 29)).getDate()).toBe(23);
  const first = monday(new Date(2026, 10, 30, 15));
  const days = daysOf(first, []);
  expect(days).toHaveLength(DAYS);
  expect([days[0]?.date, days.at(-1)?.date]).toEqual([new Date(2026, 10, 30), new Date(2027, 0, 3)]);
});

it('shows each end on its day', () => {
  const first = new Date(2026, 10, 30);
  const end = (name: string, date: Date): EndView => ({ owner: name, at: secs(date) }) as EndView;
  const days = daysOf(first, [end('early', plus(first, 3)), end('late', new Date(2026, 11, 3, 23, 59))]);
  expect(days[3]?.ends.map((one) => one.owner)).toEqual(['early', 'late']);
  expect(days.flatMap((one) => one.ends)).toHaveLength(2);
});
