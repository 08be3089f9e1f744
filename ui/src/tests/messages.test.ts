import { readFileSync, readdirSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

type Message = string | { match: Record<string, string> }[];

function messages(language: string): Map<string, Message> {
  const files = readdirSync(`messages/${language}`);
  const all = files.flatMap((file) => {
    const read = JSON.parse(readFileSync(`messages/${language}/${file}`, 'utf8')) as Record<string, Message>;
    return Object.entries(read).filter(([key]) => key !== '$schema');
  });
  return new Map(all);
}

const texts = (message: Message): string[] =>
  typeof message === 'string' ? [message] : message.flatMap((one) => Object.values(one.match));

const holes = (message: Message): string[] =>
  [...new Set(texts(message).flatMap((text) => [...text.matchAll(/\{(\w+)\}/g)].map((hole) => hole[1] ?? '')))].sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory()) return ['paraglide', 'tests'].includes(entry.name) ? [] : sources(path);
    return /\.(svelte|ts)$/.test(entry.name) ? [readFileSync(path, 'utf8')] : [];
  });
}

const en = messages('en');
const ja = messages('ja');

describe('the messages', () => {
  it('exist in both languages', () => {
    expect([...ja.keys()].sort()).toEqual([...en.keys()].sort());
  });

  it('have the same places to fill in both languages', () => {
    const differing = [...en].filter(([key, message]) => holes(message).join() !== holes(ja.get(key) ?? '').join());
    expect(differing).toEqual([]);
  });

  it('are all shown somewhere', () => {
    const used = new Set(sources('src').flatMap((text) => [...text.matchAll(/\bm\.(\w+)/g)].map((found) => found[1])));
    expect([...en.keys()].filter((key) => !used.has(key))).toEqual([]);
  });

  it('use no exclamation mark, no "please" and no "oops"', () => {
    const loud = [...en].filter(([, message]) => texts(message).some((text) => /!|\bplease\b|\boops\b/i.test(text)));
    expect(loud).toEqual([]);
  });

  it('use full-width punctuation and no needless space in Japanese', () => {
    const half =
      /[ぁ-んァ-ヶ一-龥ー}][(?!]|[ぁ-んァ-ヶ一-龥ー][:,.;](?![\w/])|[ぁ-んァ-ヶ一-龥ー] [A-Za-z0-9{]|[A-Za-z0-9}] [ぁ-んァ-ヶ一-龥ー]/;
    expect([...ja].filter(([, message]) => texts(message).some((text) => half.test(text)))).toEqual([]);
  });

  it('keep one word for one thing in Japanese', () => {
    const other = /アプリケーション|構成(?!要素)/;
    expect([...ja].filter(([, message]) => texts(message).some((text) => other.test(text)))).toEqual([]);
  });
});
