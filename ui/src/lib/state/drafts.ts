import { untrack } from 'svelte';
import { place } from './place.svelte';

type Draft = Record<string, unknown>;

/** Keeps what is being typed with the place, in the vault: neither a lock nor the end of the page loses it. */
export function keepDraft(key: string, draft: object | undefined): void {
  // What is kept is not what the caller depends on.
  untrack(() => place.set(key, draft && JSON.stringify(draft)));
}

/** What was being typed; anything of another shape counts as nothing. */
export function keptDraft(key: string): Draft | undefined {
  try {
    const kept: unknown = JSON.parse(place.get(key) ?? 'null');
    return kept !== null && typeof kept === 'object' && !Array.isArray(kept) ? (kept as Draft) : undefined;
  } catch {
    return undefined;
  }
}

/** Text of a draft; none where it is something else. */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '');

/** Texts of a draft. */
export const textsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
