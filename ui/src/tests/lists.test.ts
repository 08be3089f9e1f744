import { describe, expect, it } from 'vitest';
import { PAGE, pagesFor, step, windowOf } from '$lib/windowing';

const ROW = 48;

describe('the rows that are drawn', () => {
  it.each([
    [0, 600, 10_000],
    [123_456, 600, 10_000],
    [10_000 * ROW - 600, 600, 10_000],
  ])('cover what is seen from %d px on', (top, height, total) => {
    const { first, end } = windowOf(top, height, ROW, total);
    expect(first * ROW).toBeLessThanOrEqual(top);
    expect(end * ROW).toBeGreaterThanOrEqual(top + height);
    expect(end - first).toBeLessThan(40);
    expect(end).toBeLessThanOrEqual(total);
  });

  it('are none in an empty list, and never before the first of a list that became short', () => {
    expect(windowOf(0, 600, ROW, 0)).toEqual({ first: 0, end: 0 });
    expect(windowOf(48_000, 600, ROW, 3)).toEqual({ first: 2, end: 3 });
  });
});

it('asks for each page that the rows touch, once', () => {
  expect(pagesFor(0, PAGE)).toEqual([0]);
  expect(pagesFor(PAGE - 1, PAGE + 1)).toEqual([0, 1]);
  expect(pagesFor(7, 7)).toEqual([]);
});

it('moves by keys and stays inside', () => {
  expect(step('ArrowDown', 9, 10, 5)).toBe(9);
  expect(step('ArrowUp', 0, 10, 5)).toBe(0);
  expect(step('PageDown', 2, 10, 5)).toBe(7);
  expect(step('End', 2, 10, 5)).toBe(9);
  expect(step('Home', 2, 0, 5)).toBe(0);
  expect(step('a', 2, 10, 5)).toBeUndefined();
});
