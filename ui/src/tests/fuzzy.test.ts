import { describe, expect, it } from 'vitest';
import { match, matchNamed, parts, wordsOf } from '$lib/fuzzy';

const near = (text: string, names: string[]): string[] =>
  names
    .map((name) => ({ name, found: match(wordsOf(text), name) }))
    .filter((one) => one.found !== undefined)
    .sort((a, b) => (a.found?.distance ?? 0) - (b.found?.distance ?? 0))
    .map((one) => one.name);

describe('a typed text', () => {
  it('finds a name by the first letters of its parts', () => {
    expect(near('orb', ['orders-batch', 'billing-sync', 'forbidden'])).toEqual(['orders-batch', 'forbidden']);
    expect(near('bs', ['billing-sync', 'orders'])).toEqual(['billing-sync']);
  });

  it('finds a word with a letter too few', () => {
    expect(near('tokn', ['Copy token', 'Rotate secret'])).toEqual(['Copy token']);
    expect(near('rotate', ['Reports of the team'])).toEqual([]);
  });

  it('marks what was found', () => {
    const found = match(['cop', 'tok'], 'Copy token');
    expect(parts('Copy token', found?.ranges ?? [])).toEqual(['', 'Cop', 'y ', 'tok', 'en']);
  });

  it('is compared by parts of Japanese as well', () => {
    expect(near('トークン', ['トークンをコピー', 'ロック'])).toEqual(['トークンをコピー']);
  });

  it('finds a Japanese name by its English one, without a highlight', () => {
    const lock = { text: '今すぐロック', english: 'Lock now' };
    expect(matchNamed(['ロック'], lock)?.ranges).toEqual([[3, 6]]);
    expect(matchNamed(['lock'], lock)?.ranges).toEqual([]);
    expect(matchNamed(['rotate'], lock)).toBeUndefined();
    expect(matchNamed(['lock'], { text: '今すぐロック' })).toBeUndefined();
  });

  it('ranks an English name behind an equally near name on show, and ahead of a farther one', () => {
    const by = (word: string, text: string, english?: string): number =>
      matchNamed([word], { text, english })?.distance ?? Infinity;
    expect(by('lock', 'ロック', 'Lock')).toBeGreaterThan(by('lock', 'lock'));
    expect(by('lock', 'ロック', 'Lock')).toBeLessThan(by('lock', 'locks'));
    expect(by('lock', 'Lock', 'Lock')).toBe(0);
  });
});
