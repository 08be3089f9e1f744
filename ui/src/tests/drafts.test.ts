import { describe, expect, it } from 'vitest';
import type { ConfigurationView, FormField } from '$lib/ipc';
import { Draft } from '../screens/configurations/draft.svelte';
import { withHosts } from '../screens/configurations/hosts';
import { DraftForm } from '../screens/register/draft.svelte';
import { NONE, NUMBERS, SWITCHES, whole } from '../screens/sandbox/dials';

const field = (key: string, more: Partial<FormField>): FormField => ({
  key,
  label: key,
  hint: null,
  kind: 'text',
  required: false,
  default: null,
  choices: [],
  advanced: false,
  ...more,
});
const fields = [field('token_endpoint', { required: true }), field('initial_access_token', { kind: 'secret', required: true })];
const saved = {
  id: '1',
  name: 'Work',
  provider: 'rfc7591',
  issuer: 'https://idp.example',
  settings: { token_endpoint: 'https://idp.example/token', confirmed_hosts: 'a.example' },
  secret_keys: ['initial_access_token'],
} as unknown as ConfigurationView;

describe('the form of a configuration', () => {
  it('names what must be filled', () => {
    expect(new Draft(undefined, fields).missing()).toEqual(['name', 'issuer', 'token_endpoint', 'initial_access_token']);
    expect(new Draft(saved, fields).missing()).toEqual([]);
  });

  it('sends a secret only when one was typed, and keeps settings without a field', () => {
    const draft = new Draft(saved, fields);
    expect(draft.dirty).toBe(false);
    expect(draft.input().secrets).toEqual({});
    expect(draft.input().settings['confirmed_hosts']).toBe('a.example');
    draft.secrets['initial_access_token'] = 'new';
    expect(draft.dirty).toBe(true);
    expect(draft.input().secrets).toEqual({ initial_access_token: 'new' });
  });

  it('confirms each host once', () => {
    expect(withHosts({ confirmed_hosts: 'a.example, b.example' }, ['b.example', 'c.example'])).toEqual({
      confirmed_hosts: 'a.example,b.example,c.example',
    });
  });
});

describe('the form of a registration', () => {
  it('sends what was typed without the spaces around it', () => {
    const form = new DraftForm();
    form.name = '  orders ';
    form.scope = 'a  b,c';
    form.labels = 'demo, , nightly ';
    form.redirects = [' https://a.example/cb ', ''];
    expect(form.value).toMatchObject({
      name: 'orders',
      scopes: ['a', 'b', 'c'],
      labels: ['demo', 'nightly'],
      redirect_uris: ['https://a.example/cb'],
      audience: null,
      metadata_json: null,
      ttl_secs: null,
    });
  });

  it('switches a scope on and off', () => {
    const form = new DraftForm();
    form.scope = 'a b';
    form.toggleScope('a');
    expect(form.scopes).toEqual(['b']);
    form.toggleScope('a');
    expect(form.scopes).toEqual(['b', 'a']);
  });
});

describe('the dials of the Sandbox', () => {
  it('are one for each fault', () => {
    const dials = [...NUMBERS, ...SWITCHES].map((dial) => dial.name).sort();
    // Those that only one personality has come with it.
    const common = Object.keys(NONE).filter((name) => name !== 'vendor');
    expect(dials).toEqual(common.sort());
  });

  it('take whole numbers within their bounds and nothing else', () => {
    expect(whole(' 42 ', 0, 100)).toBe(42);
    expect(['', '-1', '1.5', '101', '1e2', 'x'].map((text) => whole(text, 0, 100))).toEqual(Array(6).fill(undefined));
  });
});
