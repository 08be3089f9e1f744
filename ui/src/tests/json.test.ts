import { expect, it } from 'vitest';
import { jsonParts, parse, pretty, stringify } from '$lib/json';

const text = (source: string): string =>
  jsonParts(source)
    .map((part) => part.text)
    .join('');

it('loses no character when it colours', () => {
  const source = '{"a b": ["x:\\"y\\"", -1.5e3, true, null], "url": "https://a.example/?q=1"}';
  expect(JSON.parse(text(source))).toEqual(JSON.parse(source));
});

it('marks keys, texts, numbers and what is redacted', () => {
  const parts = jsonParts('{"id": "abc", "n": 12, "client_secret": "[redacted]"}');
  const kinds = new Map(parts.map((part) => [part.text, part.kind]));
  expect(kinds.get('"id"')).toBe('k');
  expect(kinds.get('"abc"')).toBe('s');
  expect(kinds.get('12')).toBe('n');
  expect(kinds.get('redacted')).toBe('red');
});

it('leaves what is no JSON, and numbers beyond exactness, as they came', () => {
  expect(pretty('<html>')).toBe('<html>');
  expect(text('not { json')).toBe('not { json');
  expect(pretty('{"n":9007199254740993}')).toBe('{\n  "n": 9007199254740993\n}');
});

it('keeps each number as it was written', () => {
  for (const number of [
    '9007199254740993',
    '-12345678901234567890',
    '1.0',
    '1.10',
    '1e400',
    '-0',
    '0.12345678901234567890',
    '7',
  ])
    expect(stringify(parse(`{"a":[${number}],"t":"${number}"}`))).toBe(`{"a":[${number}],"t":"${number}"}`);
  for (const wrong of ['[01]', '[1.]', '[1-2]', '[+1]', '[--1]']) expect(() => parse(wrong)).toThrow();
  // Text that looks like the mark stays text.
  const odd = '{"a":"\uE000number:1","b":9007199254740993}';
  expect(parse(odd)).toHaveProperty('a', '\uE000number:1');
});
