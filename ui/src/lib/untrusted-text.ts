/** One piece of untrusted text; a mark stands for a character that cannot be seen. */
export type Piece = { text: string; mark: boolean };

/** A longer text is cut; the whole is one press away. */
export const LONGEST = 400;

// Controls, direction marks, and what takes no room. Emoji are left their variation selectors.
const HIDDEN =
  // eslint-disable-next-line no-control-regex, no-misleading-character-class -- single characters are what it looks for
  /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff0-\ufffb]|[\u{1bca0}-\u{1bca3}\u{1d173}-\u{1d17a}\u{e0000}-\u{e0fff}]/gu;

/** Splits a text at the characters that would move, reverse or hide something. */
export function pieces(text: string): Piece[] {
  const all: Piece[] = [];
  let end = 0;
  for (const match of text.matchAll(HIDDEN)) {
    if (match.index > end) all.push({ text: text.slice(end, match.index), mark: false });
    const code = (match[0].codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0');
    all.push({ text: `U+${code}`, mark: true });
    end = match.index + match[0].length;
  }
  if (end < text.length) all.push({ text: text.slice(end), mark: false });
  return all;
}

/** The beginning of a text that is too long, never half a character. */
export function beginning(text: string): string {
  return text.length > LONGEST ? [...text.slice(0, LONGEST + 1)].slice(0, -1).join('') : text;
}
