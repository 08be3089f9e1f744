import * as m from '$lib/messages';

/** What the core puts where a secret was. */
const MARK = /(\[redacted\]|•{2,})/;

/** A text cut at what is redacted, which reads the same everywhere. `Bearer [redacted]` keeps its scheme. */
export function redactedParts(text: string): { text: string; secret: boolean }[] {
  return text
    .split(MARK)
    .map((part, index) =>
      index % 2 === 0 ? { text: part, secret: false } : { text: m.common_redacted(), secret: true },
    )
    .filter((part) => part.text !== '');
}

/** The parameters of a form body; absent when the body is not a form. */
export function formOf(body: string, contentType: string | undefined): { name: string; value: string }[] | undefined {
  if (!contentType?.toLowerCase().startsWith('application/x-www-form-urlencoded')) return undefined;
  return [...new URLSearchParams(body)].map(([name, value]) => ({ name, value }));
}
