import type { Value } from '$lib/ipc';
import { stringify } from '$lib/json';

/** A member that two versions of a JSON object have differently; absent where one has none. */
export type Change = { field: string; before?: string; after?: string };

const isObject = (value: Value | undefined): value is Record<string, Value> =>
  value !== null && typeof value === 'object' && !Array.isArray(value);

/** A value for a cell: texts without quotes, a list of texts with commas. */
function cell(value: Value): string {
  const text = stringify(value);
  // A number that JavaScript cannot hold is a text here.
  if (typeof value === 'string') return text.startsWith('"') ? value : text;
  if (Array.isArray(value) && value.length > 0 && value.every((one) => typeof one === 'string'))
    return value.map(cell).join(', ');
  return text;
}

/** The same whatever the order of the members. */
function canonical(value: Value): string {
  return JSON.stringify(value, (_, one: Value) =>
    isObject(one) ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1))) : one,
  );
}

type Member = { field: string; from?: Value; to?: Value };

/** The members that differ, in their order. */
function differing(before: Value | undefined, after: Value | undefined): Member[] {
  const [old, fresh] = [isObject(before) ? before : {}, isObject(after) ? after : {}];
  return [...new Set([...Object.keys(old), ...Object.keys(fresh)])].flatMap((field): Member[] => {
    const [from, to] = [old[field], fresh[field]];
    if (from !== undefined && to !== undefined && canonical(from) === canonical(to)) return [];
    return [{ field, ...(from === undefined ? {} : { from }), ...(to === undefined ? {} : { to }) }];
  });
}

/** What changes from one object to the other, in the order of the members. */
export function changes(before: Value | undefined, after: Value | undefined): Change[] {
  return differing(before, after).map(({ field, from, to }) => ({
    field,
    ...(from === undefined ? {} : { before: cell(from) }),
    ...(to === undefined ? {} : { after: cell(to) }),
  }));
}

/** The changed members alone, as an update takes them: a member that is gone is null. */
export function patch(before: Value | undefined, after: Value | undefined): Record<string, Value> {
  return Object.fromEntries(differing(before, after).map(({ field, to }) => [field, to ?? null]));
}
