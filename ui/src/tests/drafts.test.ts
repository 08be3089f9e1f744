import { describe, expect, it } from 'vitest';
import type { ConfigurationView, FormField, RegisterOptions } from '$lib/ipc';
import { Draft, type Proposal } from '../screens/configurations/draft.svelte';
import { withHosts } from '../screens/configurations/hosts';
import { isWide, requiredFirst, spans } from '../screens/configurations/layout';
import { DraftForm } from '../screens/register/draft.svelte';
import { work } from '../screens/console/work.svelte';
import { NONE, NUMBERS, SWITCHES, whole } from '$lib/sandbox/dials';

const field = (key: string, more: Partial<FormField>): FormField => ({
  key,
  label: key,
  hint: null,
  kind: 'text',
  required: false,
  locates: false,
  default: null,
  choices: [],
  advanced: false,
  multiline: false,
  ...more,
});
const fields = [
  field('token_endpoint', { required: true }),
  field('initial_access_token', { kind: 'secret', required: true }),
];
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
    expect(new Draft('rfc7591', undefined, fields).missing()).toEqual([
      'name',
      'issuer',
      'token_endpoint',
      'initial_access_token',
    ]);
    expect(new Draft('rfc7591', saved, fields).missing()).toEqual([]);
  });

  it('sends a secret only when one was typed, and keeps settings without a field', () => {
    const draft = new Draft('rfc7591', saved, fields);
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

describe('the addresses of a tenant', () => {
  const place = [field('tenant', { locates: true }), field('token_endpoint', { kind: 'url' })];
  const proposal = (tenant: string): Proposal => ({
    issuer: `https://${tenant}.example/`,
    settings: { token_endpoint: `https://${tenant}.example/token` },
  });

  it('fill the form in as the tenant is typed, and go when it goes', () => {
    const draft = new Draft('auth0', undefined, place);
    draft.propose(proposal('a'));
    draft.propose(proposal('ab'));
    expect([draft.issuer, draft.values['token_endpoint']]).toEqual(['https://ab.example/', 'https://ab.example/token']);
    draft.propose(undefined);
    expect([draft.issuer, draft.values['token_endpoint']]).toEqual(['', '']);
  });

  it('never replace what the user typed', () => {
    const draft = new Draft('auth0', undefined, place);
    draft.propose(proposal('a'));
    draft.issuer = 'https://login.mine.example/';
    draft.propose(proposal('b'));
    expect(draft.issuer).toBe('https://login.mine.example/');
    expect(draft.values['token_endpoint']).toBe('https://b.example/token');
  });

  it('of a saved configuration change nothing until the tenant changes', () => {
    const view = { ...saved, issuer: 'https://a.example/', settings: { tenant: 'a' } };
    const draft = new Draft('auth0', view, place);
    draft.know(proposal('a'));
    expect(draft.dirty).toBe(false);
    draft.propose(proposal('b'));
    expect(draft.issuer).toBe('https://b.example/');
  });

  it('are asked for with what says where the tenant is, and nothing else', () => {
    const draft = new Draft('auth0', undefined, place);
    draft.values['tenant'] = ' a ';
    expect(draft.place).toEqual({ tenant: 'a' });
  });
});

describe('what was typed into a configuration', () => {
  const fields = [field('tenant', {}), field('token', { kind: 'secret' })];

  it('is gone on with, without its secrets', () => {
    const draft = new Draft('okta', undefined, fields);
    draft.name = 'Okta';
    draft.issuer = 'https://id.example';
    draft.values['tenant'] = 'dev';
    draft.secrets['token'] = 'not to be kept';
    const kept = JSON.stringify(draft.typed);
    expect(kept).not.toContain('not to be kept');
    const later = new Draft('okta', undefined, fields);
    later.take(JSON.parse(kept) as Record<string, unknown>);
    expect(later.typed).toEqual(draft.typed);
    expect(later.secrets).toEqual({ token: '' });
    later.take({ name: 1, values: { tenant: 2, other: 'x' } });
    expect(later.values).toEqual({ tenant: 'dev' });
  });
});

describe('what was typed into the console', () => {
  it('is gone on with, without credentials in headers', () => {
    work.url = 'https://api.example/orders';
    work.method = 'POST';
    work.body = '{}';
    work.headers = [
      { name: 'Accept', value: 'text/csv' },
      { name: 'X-API-KEY', value: 'not to be kept' },
    ];
    const kept = JSON.stringify(work.typed);
    expect(kept).not.toContain('not to be kept');
    work.wipe();
    expect(work.url).toBe('');
    work.take(JSON.parse(kept) as Record<string, unknown>);
    expect([work.url, work.method, work.body]).toEqual(['https://api.example/orders', 'POST', '{}']);
    expect(work.headers).toEqual([
      { name: 'Accept', value: 'text/csv' },
      { name: 'X-API-KEY', value: '' },
    ]);
    work.take({ method: 'FETCH', url: 3, headers: 'x' });
    expect([work.url, work.method, work.headers]).toEqual(['', 'GET', []]);
  });
});

describe('a preset', () => {
  const choice = [
    field('redirect_uris', { kind: 'choice', default: 'empty' }),
    field('registration_endpoint', { kind: 'url' }),
  ];
  const proposal: Proposal = {
    issuer: 'https://id.example',
    settings: { redirect_uris: 'dummy', registration_endpoint: 'https://id.example/reg', unknown: 'x' },
  };

  it('sets switches and addresses, and takes them back when another server is chosen', () => {
    const draft = new Draft('rfc7591', undefined, choice);
    draft.propose(proposal);
    expect(draft.values).toEqual({ redirect_uris: 'dummy', registration_endpoint: 'https://id.example/reg' });
    draft.propose({ issuer: 'https://other.example', settings: {} });
    expect(draft.issuer).toBe('https://other.example');
    expect(draft.values).toEqual({ redirect_uris: 'empty', registration_endpoint: '' });
  });
});

describe('the layout of a form', () => {
  it('gives a long address the whole row, and leaves no gap before it', () => {
    expect(isWide('url', `https://${'a'.repeat(40)}`)).toBe(true);
    expect(isWide('url', 'https://short.example')).toBe(false);
    expect(isWide('text', 'a'.repeat(80))).toBe(false);
    expect(spans([false, false, true, false, true, false])).toEqual([false, false, true, true, true, false]);
  });

  it('puts what must be filled first and keeps the order otherwise', () => {
    const all = [field('a', {}), field('b', { required: true }), field('c', {}), field('d', { required: true })];
    expect(requiredFirst(all).map((one) => one.key)).toEqual(['b', 'd', 'a', 'c']);
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

  it('goes on with what was kept, as far as it is offered still', () => {
    const form = new DraftForm();
    Object.assign(form, { configuration: 'c', name: 'orders', scope: 'a b', labels: 'x', method: 'none' });
    form.grants = ['client_credentials', 'implicit'];
    form.redirects = ['https://a.example/cb'];
    const later = new DraftForm();
    later.configuration = 'c';
    const grant = (value: string, offered: boolean) => ({ value, offered, preselected: false, reason: null });
    later.take(
      JSON.parse(JSON.stringify(form.typed)) as Record<string, unknown>,
      {
        grant_types: [grant('client_credentials', true), grant('implicit', false)],
        auth_methods: [grant('none', true)],
        signing_algs: [],
      } as unknown as RegisterOptions,
    );
    expect(later.typed).toEqual({ ...form.typed, grants: ['client_credentials'] });
  });

  it('takes nothing of another shape', () => {
    const form = new DraftForm();
    form.take({ name: 7, grants: 'x', redirects: [1, 'https://a.example/cb'], scope: null }, {
      grant_types: [],
      auth_methods: [],
      signing_algs: [],
    } as unknown as RegisterOptions);
    expect(form.typed).toMatchObject({ name: '', grants: [], redirects: ['https://a.example/cb'], scope: '' });
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
