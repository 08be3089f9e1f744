import { describe, expect, it } from 'vitest';
import type { Draft, RefusedPart } from '../lib/ipc';
import { jsonLines } from '../lib/json';
import { refusedLine, stillAsked, withoutMembers } from '../screens/register/repair';

const draft: Draft = {
  configuration_id: '1',
  name: 'orders-admin',
  grant_types: ['client_credentials', 'refresh_token'],
  token_endpoint_auth_method: 'private_key_jwt',
  redirect_uris: ['https://app.example/cb'],
  scopes: ['orders:read', 'orders:admin'],
  audience: null,
  metadata_json: '{ "software_id": "x", "tos_uri": "https://app.example/tos" }',
  labels: [],
  ttl_secs: null,
};

describe('the repair of a refused registration', () => {
  it('is what the draft still asks for', () => {
    const refused: RefusedPart = { field: 'scopes', member: 'scope', values: ['orders:admin', 'orders:all'] };
    expect(stillAsked(refused, draft)).toEqual({ ...refused, values: ['orders:admin'] });
    expect(stillAsked(refused, { ...draft, scopes: ['orders:read'] })).toBeUndefined();
    expect(stillAsked({ field: 'metadata_json', member: 'tos_uri', values: ['tos_uri'] }, draft)).toBeDefined();
    expect(
      stillAsked({ field: 'metadata_json', member: 'x', values: ['x'] }, { ...draft, metadata_json: '{' }),
    ).toBeUndefined();
    expect(stillAsked(null, draft)).toBeUndefined();
  });

  it('leaves the other members of the JSON', () => {
    expect(withoutMembers(draft.metadata_json ?? '', ['software_id'])).toContain('tos_uri');
    expect(withoutMembers('{ "software_id": 1 }', ['software_id'])).toBe('');
    expect(withoutMembers('{', ['a'])).toBe('{');
  });

  it('marks the line of the preview', () => {
    const body =
      '{ "scope": "orders:read orders:admin", "redirect_uris": ["https://app.example/cb"], "software_id": "x" }';
    const texts = jsonLines(body).map((parts) => parts.map((part) => part.text).join(''));
    const marked = (refused: RefusedPart): string[] =>
      texts.filter((line) => refusedLine(line, refused)).map((line) => line.trim());
    expect(marked({ field: 'scopes', member: 'scope', values: ['orders:admin'] })).toEqual([
      '"scope": "orders:read orders:admin",',
    ]);
    expect(marked({ field: 'redirect_uris', member: 'redirect_uris', values: ['https://app.example/cb'] })).toEqual([
      '"https://app.example/cb"',
    ]);
    expect(marked({ field: 'metadata_json', member: 'software_id', values: ['software_id'] })).toEqual([
      '"software_id": "x"',
    ]);
  });
});
