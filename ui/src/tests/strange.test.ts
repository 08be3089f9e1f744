import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { beginning, LONGEST, pieces } from '$lib/untrusted-text';

const shown = (text: string): string =>
  pieces(text)
    .map((piece) => piece.text)
    .join('');

function sources(folder: string): [string, string][] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry): [string, string][] => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['paraglide', 'tests'].includes(entry.name) ? [] : sources(path);
    return /\.(svelte|ts)$/.test(entry.name) ? [[path, readFileSync(path, 'utf8')]] : [];
  });
}

describe('t14: untrusted text', () => {
  it('has no way to become HTML, a script or an address that opens', () => {
    for (const [path, text] of sources('src')) {
      expect(text, path).not.toMatch(
        /\{@html|innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function/,
      );
      expect(text, path).not.toMatch(/<a\s[^>]*href=\{|window\.open|location\.(href|assign|replace)/);
    }
  });

  it('stays as it is', () => {
    const text = '<script>alert(1)</script> {@html x} [a](javascript:x) &lt;';
    expect(pieces(text)).toEqual([{ text, mark: false }]);
  });
});

describe('t16: what cannot be seen', () => {
  it.each([
    ['photo_\u202egnp.exe', 'photo_U+202Egnp.exe'],
    ['adm\u200bin', 'admU+200Bin'],
    ['\u001b[31mred', 'U+001B[31mred'],
    ['a\u{e0041}b', 'aU+E0041b'],
    ['a\rb', 'aU+000Db'],
    ['a\u3164b', 'aU+3164b'],
  ])('%j is marked', (text, wanted) => {
    expect(shown(text)).toBe(wanted);
    expect(pieces(text).filter((piece) => piece.mark)).toHaveLength(1);
  });

  it.each(['注文バッチ', '🔑 ✂\ufe0f', 'مفتاح', 'café', 'two\nlines\tand a tab'])('%j is left', (text) => {
    expect(pieces(text)).toEqual([{ text, mark: false }]);
  });

  it('is cut at a length, between characters', () => {
    expect(beginning('W'.repeat(1_000_000))).toHaveLength(LONGEST);
    expect(beginning('W'.repeat(LONGEST))).toHaveLength(LONGEST);
    const faces = beginning('🔑'.repeat(1000));
    expect(faces).toBe('🔑'.repeat(faces.length / 2));
  });
});
