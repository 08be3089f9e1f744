import { beforeEach, describe, expect, it } from 'vitest';
import { StandIns } from '../lib/stand-ins';

const KEY = '0190f2a1-0000-7000-8000-000000000001';
const TENANT = '3f0c9a52-0d7e-4f4b-9a31-8e6f2f1c4e20';

describe('stand-ins', () => {
  let names: StandIns;
  beforeEach(() => {
    names = new StandIns();
    names.key = KEY;
  });

  it('do nothing outside of presenter mode', () => {
    names.key = null;
    const value = { client_id: 'c7a19b52', issuer: 'https://login.corp.example' };
    expect(names.hide(value)).toBe(value);
    expect(names.real(value)).toBe(value);
  });

  it('take the place of clients, hosts and tenants wherever they stand', () => {
    const value = {
      id: '01936b1e-7c1e-7e0a-9d3c-0a1b2c3d4e5f',
      client_id: 'Orders7Client',
      issuer: `https://login.corp.com/${TENANT}/v2.0`,
      body: `{"client_id":"other-client-77","aud":"https:\\/\\/api.corp.com:8443\\/x"}`,
      form: 'grant_type=client_credentials&client_id=third%2Bclient1&resource=https%3A%2F%2Fapi.corp.com%2Fx',
      words: ['login.corp.com refused Orders7Client', 'LOGIN.CORP.COM.', 'Host: api.corp.com', 'third+client1'],
    };
    const hidden = JSON.stringify(names.hide(value));
    for (const name of ['Orders7Client', 'corp.com', 'CORP.COM', TENANT, 'other-client-77', 'third+client1', 'third%2B']) {
      expect(hidden).not.toContain(name);
    }
    expect(hidden).toContain(value.id);
    expect(hidden).toContain(':8443');
  });

  it('turn back into the real names', () => {
    const value = { client_id: 'Orders7Client', issuer: `https://Login.corp.com/${TENANT}`, host: 'http://idp:8080/x' };
    const hidden = names.hide(value);
    expect(hidden.host).toMatch(/^http:\/\/host-[0-9a-f]{4}\.example:8080\/x$/);
    expect(names.real(hidden)).toEqual(value);
    expect(names.real(`curl ${hidden.issuer}/token`)).toBe(`curl ${value.issuer}/token`);
  });

  it('are the same in every session on a vault, and others on another', () => {
    const one = names.hide({ client_id: 'Orders7Client' });
    const later = new StandIns();
    later.key = KEY;
    later.hide({ client_id: 'seen-before-12' });
    expect(later.hide({ client_id: 'Orders7Client' })).toEqual(one);
    const elsewhere = new StandIns();
    elsewhere.key = '0190f2a1-0000-7000-8000-000000000002';
    expect(elsewhere.hide({ client_id: 'Orders7Client' })).not.toEqual(one);
  });

  it('differ where the names differ, however many there are', () => {
    const all = Array.from({ length: 3000 }, (_, index) => ({ client_id: `client-number-${index}` }));
    const hidden = names.hide(all);
    expect(new Set(hidden.map((one) => one.client_id)).size).toBe(all.length);
    expect(names.real(hidden)).toEqual(all);
  });

  it('show a tenant that turns out to be a client as one', () => {
    names.hide({ url: `https://idp.corp.com/clients/${TENANT}` });
    const hidden = names.hide({ client_id: TENANT, url: `https://idp.corp.com/clients/${TENANT}` });
    expect(hidden.client_id).toMatch(/^demo-client-/);
    expect(hidden.url.endsWith(hidden.client_id)).toBe(true);
    expect(names.real(hidden).client_id).toBe(TENANT);
  });

  it('replace hosts that are named without an address', () => {
    const value = {
      items: [{ host: 'api.corp.com' }, { host: 'sso:8443' }, { host: 'localhost:3000' }, { host: '127.0.0.1' }],
      cookies: [{ domain: '.corp.com' }, { domain: null }],
      unconfirmed_hosts: ['keys.corp.com'],
      audience: 'api.corp.com',
    };
    const hidden = names.hide(value);
    const text = JSON.stringify(hidden);
    expect(text).not.toMatch(/corp|sso/);
    expect(hidden.items[0]?.host).toMatch(/^host-[0-9a-f]+\.example$/);
    expect(hidden.items[1]?.host).toMatch(/^host-[0-9a-f]+\.example:8443$/);
    expect(hidden.items.slice(2)).toEqual(value.items.slice(2));
    expect(hidden.cookies[0]?.domain).toMatch(/^\.host-/);
    expect(hidden.audience).toBe(hidden.items[0]?.host);
    expect(names.real(hidden)).toEqual(value);
  });

  it('leave loopback, references and words of the program alone', () => {
    const value = {
      client_id: 'okta',
      provider: 'okta',
      reference: 'keywright://orders-batch/token',
      issuer: 'http://127.0.0.1:4711/okta',
      local: 'http://localhost:3000/',
    };
    expect(names.hide(value)).toEqual({ ...value, client_id: expect.stringMatching(/^demo-client-/) as string });
  });

  it('do not cut into longer names', () => {
    names.hide({ issuer: 'https://corp.com/', client_id: 'client-77' });
    expect(names.hide('notcorp.com corp.community client-777 xclient-77')).toBe(
      'notcorp.com corp.community client-777 xclient-77',
    );
  });

  it('replace tenants, admin clients and the names that the user typed', () => {
    const configuration = {
      name: 'Acme',
      provider: 'auth0',
      issuer: 'https://acme-dev.eu.auth0.com/',
      kind_name: 'Auth0',
      settings: { tenant: 'acme-dev', region: 'eu', initial_client_id: 'AdminOfAcme' },
    };
    const app = { name: 'orders', client_id: 'c7a19b52', config: 'Acme', provider: 'auth0' };
    const hidden = names.hide({ configuration, app });
    expect(hidden.configuration.name).toMatch(/^demo-provider-[0-9a-f]{4}$/);
    expect(hidden.configuration.settings.tenant).toMatch(/^demo-tenant-[0-9a-f]{4}$/);
    expect(hidden.configuration.settings.initial_client_id).toMatch(/^demo-client-[0-9a-f]{4}$/);
    expect(hidden.configuration.settings.region).toBe('eu');
    expect(hidden.configuration.provider).toBe('auth0');
    expect(hidden.app.name).toMatch(/^demo-app-[0-9a-f]{4}$/);
    expect(hidden.app.config).toBe(hidden.configuration.name);
    expect(JSON.stringify(hidden)).not.toMatch(/acme/i);
    expect(names.real(hidden)).toEqual({ configuration, app });
    const said = names.hide({ message: 'Acme refused the token request of “orders”.', body: '{"client_name": "orders", "scope": "orders"}' });
    expect(said.message).toBe(`${hidden.app.config} refused the token request of “${hidden.app.name}”.`);
    expect(said.body).toBe(`{"client_name": "${hidden.app.name}", "scope": "orders"}`);
  });

  it('replace the ID of a client that looks like one of ours', () => {
    const id = '01a22949-4a2b-7601-9e1e-3fd98ca4978e';
    const hidden = names.hide({ id, client_id: id, application: id });
    expect(hidden.client_id).toMatch(/^demo-client-/);
    expect(names.real(hidden).client_id).toBe(id);
  });

  it('leave the words of the program alone, whatever a name is', () => {
    names.hide({ name: 'okta', client_id: 'x1', config: 'failed' });
    expect(names.hide({ provider: 'okta', verify_state: 'failed', tenant: 'common' })).toEqual({
      provider: 'okta',
      verify_state: 'failed',
      tenant: 'common',
    });
  });
});
