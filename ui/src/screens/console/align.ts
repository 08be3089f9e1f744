import type { PathDifference } from '$lib/ipc';
import { stringify } from '$lib/json';

/** One line of a body: a value that differs is marked, parts that are the same in all are folded. */
export type Cell = { text: string; kind: 'same' | 'differs' | 'absent' | 'frame' };
export type Row = { depth: number; cells: Cell[] };

type Json = unknown;

const LONGEST = 160;
const ABSENT = Symbol('absent');

const isList = (value: Json): value is Json[] => Array.isArray(value);
const isObject = (value: Json): value is Record<string, Json> =>
  typeof value === 'object' && value !== null && !isList(value);

function short(text: string): string {
  return text.length > LONGEST ? `${text.slice(0, LONGEST - 1)}…` : text;
}

/** Lays bodies out side by side, one row for each line. The words come from the caller. */
export function align(
  bodies: Json[],
  paths: PathDifference[],
  words: { items: (n: number) => string; members: (n: number) => string },
): Row[] {
  const differing = paths.map((one) => one.path);
  const differs = (path: string): boolean =>
    differing.some(
      (one) => one === path || (one.startsWith(path) && (path === '' || ['.', '['].includes(one[path.length] ?? ''))),
    );
  const rows: Row[] = [];

  const all = (depth: number, text: string): void => {
    rows.push({ depth, cells: bodies.map(() => ({ text, kind: 'frame' })) });
  };

  function folded(value: Json): string {
    if (isList(value)) return value.length === 0 ? '[]' : words.items(value.length);
    if (isObject(value)) return Object.keys(value).length === 0 ? '{}' : words.members(Object.keys(value).length);
    return short(stringify(value));
  }

  /** `ABSENT` is among the values of an answer without the member. */
  function walk(values: Json[], path: string, depth: number, name: string): void {
    const label = name === '' ? '' : `${JSON.stringify(name)}: `;
    const present = values.filter((value) => value !== ABSENT);
    if (!differs(path)) {
      rows.push({
        depth,
        cells: values.map((value) =>
          value === ABSENT ? { text: '', kind: 'absent' } : { text: label + folded(value), kind: 'same' },
        ),
      });
      return;
    }
    const open = present.every((value) => isObject(value) && Object.keys(value).length > 0);
    const list = present.every((value) => isList(value) && value.length > 0);
    if (!open && !list) {
      rows.push({
        depth,
        cells: values.map((value) =>
          value === ABSENT ? { text: '', kind: 'absent' } : { text: label + short(stringify(value)), kind: 'differs' },
        ),
      });
      return;
    }
    all(depth, label + (open ? '{' : '['));
    if (open) {
      const names = [...new Set(present.flatMap((value) => Object.keys(value as object)))];
      for (const member of names) {
        const next = path === '' ? member : `${path}.${member}`;
        walk(
          values.map((value) => (isObject(value) && Object.hasOwn(value, member) ? value[member] : ABSENT)),
          next,
          depth + 1,
          member,
        );
      }
    } else {
      const length = Math.max(...present.map((value) => (value as Json[]).length));
      for (let at = 0; at < length; at += 1) {
        walk(
          values.map((value) => (isList(value) && at < value.length ? value[at] : ABSENT)),
          `${path}[${at}]`,
          depth + 1,
          '',
        );
      }
    }
    all(depth, open ? '}' : ']');
  }

  walk(bodies, '', 0, '');
  return rows;
}
