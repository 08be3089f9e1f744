import { redactedParts } from '$lib/redacted';

/** One piece of a JSON text; `kind` is the colour class of base.css, or `red` for a redacted part. */
export type JsonPart = { text: string; kind: '' | 'k' | 's' | 'n' | 'red' };

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|-?\b\d+(?:\.\d+)?(?:[eE][+-]?\d+)?\b|\b(?:true|false|null)\b/g;

// Long answers are shown without colours: one element per token would make the page slow.
const MAX_COLOURED = 60_000;

/** In front of a number that JavaScript would change: beyond 2^53, or written as 1.0. `exact_numbers.rs` knows it too. */
const MARK = '\uE000number:';
const TEXT_OR_NUMBER = /"(?:[^"\\]|\\.)*"|-?\d[\d.eE+-]*/g;
const NUMBER = /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/;
const MARKED = /"\uE000number:(-?\d[\d.eE+-]*)"/g;

const isChanged = (token: string): boolean => NUMBER.test(token) && String(Number(token)) !== token;

/** `JSON.parse` that keeps every number as it was written; `stringify` writes it so again. */
export function parse(text: string): unknown {
  // A text with the mark of its own would be taken for a number.
  if (/\uE000|\\ue000/i.test(text)) return JSON.parse(text);
  return JSON.parse(text.replace(TEXT_OR_NUMBER, (token) => (isChanged(token) ? `"${MARK}${token}"` : token)));
}

/** `JSON.stringify` for what `parse` or the core gave. */
export function stringify(value: unknown, indent?: number): string {
  return JSON.stringify(value, null, indent).replace(MARKED, (whole, number: string) =>
    NUMBER.test(number) ? number : whole,
  );
}

/** Indents JSON; a text that is not JSON stays as it is. */
export function pretty(text: string): string {
  try {
    return stringify(parse(text), 2);
  } catch {
    return text;
  }
}

/** Cuts a text into coloured pieces. */
export function jsonParts(source: string): JsonPart[] {
  const text = pretty(source);
  if (text.length > MAX_COLOURED || !/^\s*[[{]/.test(text)) return [{ text, kind: '' }];
  const parts: JsonPart[] = [];
  let end = 0;
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) parts.push({ text: text.slice(end, match.index), kind: '' });
    const quoted = match[1];
    if (quoted === undefined) parts.push({ text: match[0], kind: 'n' });
    else if (quoted.includes('[redacted]')) {
      for (const { text: part, secret } of redactedParts(quoted))
        parts.push({ text: part, kind: secret ? 'red' : 's' });
    } else parts.push({ text: quoted, kind: match[2] === undefined ? 's' : 'k' });
    if (match[2]) parts.push({ text: match[2], kind: '' });
    end = match.index + match[0].length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), kind: '' });
  return parts;
}

/** The same, line by line. */
export function jsonLines(source: string): JsonPart[][] {
  const lines: JsonPart[][] = [[]];
  for (const { text, kind } of jsonParts(source)) {
    text.split('\n').forEach((piece, index) => {
      if (index > 0) lines.push([]);
      if (piece !== '') lines.at(-1)?.push({ text: piece, kind });
    });
  }
  return lines;
}
