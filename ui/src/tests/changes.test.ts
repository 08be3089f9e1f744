import { expect, it } from 'vitest';
import { changes, patch } from '$lib/changes';

it('names what is changed, added and removed', () => {
  const before = { client_name: 'orders', scope: 'a b', contacts: ['x@example.com'] };
  const after = { client_name: 'orders', scope: 'a', tos_uri: 'https://example.com' };
  expect(changes(before, after)).toEqual([
    { field: 'scope', before: 'a b', after: 'a' },
    { field: 'contacts', before: 'x@example.com' },
    { field: 'tos_uri', after: 'https://example.com' },
  ]);
});

it('ignores the order of members, but not that of a list', () => {
  expect(changes({ a: { x: 1, y: 2 } }, { a: { y: 2, x: 1 } })).toEqual([]);
  expect(changes({ a: ['x', 'y'] }, { a: ['y', 'x'] })).toEqual([{ field: 'a', before: 'x, y', after: 'y, x' }]);
});

it('shows other values as JSON', () => {
  expect(changes({ n: 1, list: [] }, { n: null, list: [1] })).toEqual([
    { field: 'n', before: '1', after: 'null' },
    { field: 'list', before: '[]', after: '[1]' },
  ]);
});

it('sends what was changed alone, and a member that was removed as null', () => {
  const before = { client_name: 'orders', scope: 'a b', contacts: ['x@example.com'], tos_uri: 'https://example.com' };
  const after = { tos_uri: 'https://example.com', client_name: 'orders', scope: '', logo_uri: null };
  expect(patch(before, after)).toEqual({ scope: '', contacts: null, logo_uri: null });
  expect(patch(before, before)).toEqual({});
});
