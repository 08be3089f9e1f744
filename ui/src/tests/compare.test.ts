import { describe, expect, it } from 'vitest';
import type { CompareView } from '$lib/ipc';
import { align } from '../screens/console/align';
import { headline, markdown } from '../screens/console/verdict';

const words = { items: (n: number) => `[ ${n} equal ]`, members: (n: number) => `{ ${n} equal }` };
const path = (name: string, kind: 'who' | 'how' | 'data' = 'data') => ({ path: name, kind, values: ['1', '2', null] });

describe('bodies side by side', () => {
  it('fold what is equal and mark what differs', () => {
    const body = (by: string) => ({ orders: [{ id: 1 }, { id: 2 }], by, next: null });
    const rows = align([body('secret'), body('bearer')], [path('by')], words);
    expect(rows.map((row) => row.cells.map((cell) => cell.text))).toEqual([
      ['{', '{'],
      ['"orders": [ 2 equal ]', '"orders": [ 2 equal ]'],
      ['"by": "secret"', '"by": "bearer"'],
      ['"next": null', '"next": null'],
      ['}', '}'],
    ]);
    expect(rows[2]?.cells[0]?.kind).toBe('differs');
  });

  it('leave a gap where a place is absent', () => {
    const rows = align([{ a: [1] }, { a: [1, 2] }], [path('a[1]')], words);
    expect(rows.map((row) => row.cells.map((cell) => cell.kind))).toContainEqual(['absent', 'differs']);
  });
});

const view = (part: Partial<CompareView>): CompareView => ({
  results: [],
  differs: [],
  headers: [],
  same_body: false,
  verdict: 'no_answer',
  accepted: 0,
  identities: 0,
  paths: [],
  equal_paths: 0,
  ...part,
});

describe('a comparison', () => {
  it('says that there was no answer', () => {
    expect(headline(view({}))).toBe('No response from any of the three');
    expect(headline(view({ verdict: 'different_identities', identities: 2 }))).toBe('Same data, 2 identities');
  });

  it('is a table for a ticket in which untrusted text stays text', () => {
    const value = '"<img src=x> | [a](b)\n`c`"';
    const text = markdown(view({ paths: [{ path: 'by', kind: 'how', values: [value] }] }), {
      method: 'GET',
      url: 'https://api.example/orders',
      application: 'orders',
    });
    const line = text.split('\n').find((one) => one.startsWith('| body.by'));
    expect(line).toBe('| body.by | "\\<img src=x\\> \\| \\[a\\](b) \\`c\\`" |');
  });
});
