import { afterEach, describe, expect, it, vi } from 'vitest';
import { duration, exact, expiryTone, left, list, moment, number, relative, sentences } from '$lib/format';
import { setLocale } from '$lib/paraglide/runtime.js';

const DAY = 86_400;
const NOW = 1_800_000_000;

afterEach(() => void setLocale('en', { reload: false }));

describe('the colour of an expiry', () => {
  it.each([
    [null, 'none'],
    [0, 'never'],
    [NOW + 31 * DAY, 'ok'],
    [NOW + 30 * DAY, 'warn'],
    [NOW + 3 * DAY + 1, 'warn'],
    [NOW + 3 * DAY, 'bad'],
    [NOW - 1, 'bad'],
  ] as const)('%s is %s', (at, tone) => {
    expect(expiryTone(at, NOW)).toBe(tone);
  });
});

it('puts no space between Japanese sentences', () => {
  expect(sentences('One.', false, null, 'Two.')).toBe('One. Two.');
  void setLocale('ja', { reload: false });
  expect(sentences('一つ。', undefined, '二つ。')).toBe('一つ。二つ。');
});

describe('what is left', () => {
  it.each([
    [-5, '0 s'],
    [59, '59 s'],
    [60, '1 min'],
    [3599, '59 min'],
    [3600, '1 h'],
    [88 * DAY + 7, '88 d'],
    [730 * DAY, '730 d'],
    [26_695 * DAY, '73 y'],
  ])('%d seconds are %s', (secs, text) => {
    expect(left(secs)).toBe(text);
  });
});

describe('a moment beside now', () => {
  it.each([
    [NOW, 'just now'],
    [NOW - 12, '12 s ago'],
    [NOW - 130, '2 min ago'],
    [NOW + 2 * 3600, 'in 2 h'],
    [NOW + 12 * DAY, 'in 12 d'],
  ])('%d is %s', (at, text) => {
    expect(relative(at, NOW)).toBe(text);
  });

  it('is said in Japanese when that is the language', async () => {
    await setLocale('ja', { reload: false });
    expect(relative(NOW - 130, NOW)).toBe('2分前');
    expect(list(['送信', '登録'])).toBe('送信、登録');
  });
});

it('writes how long something took', () => {
  expect(duration(30.4)).toBe('30 ms');
  expect(duration(1240)).toBe('1.2 s');
  expect(duration(125_000)).toBe('2 min 5 s');
});

describe('numbers, dates and lists', () => {
  const at = Date.UTC(2026, 11, 5, 12) / 1000;
  const speaks = (...languages: string[]): void =>
    void vi.spyOn(navigator, 'languages', 'get').mockReturnValue(languages);
  afterEach(() => void vi.restoreAllMocks());

  it('are those of the user', () => {
    speaks('fr-FR', 'en-US');
    expect(exact(at)).toMatch(/^Dec 5, 2026, \d+:00\s[AP]M$/);
    expect(moment(at, at)).toMatch(/^\d+:00:00\s[AP]M$/);
    expect(list(['a', 'b', 'c'])).toBe('a, b, and c');
  });

  it('are British where the system speaks another language', () => {
    speaks('de-DE');
    expect(number(10_284)).toBe('10,284');
    expect(exact(at)).toMatch(/^5 Dec 2026, \d\d:00$/);
    expect(moment(at, at)).toMatch(/^\d\d:00:00$/);
    expect(moment(at, at + 3 * DAY)).toBe(exact(at));
    expect(list(['a', 'b', 'c'])).toBe('a, b and c');
  });
});
