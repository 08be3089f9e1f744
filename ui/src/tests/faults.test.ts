import { describe, expect, it } from 'vitest';
import type { PersonalityView } from '../lib/ipc';
import { NONE } from '../lib/sandbox/dials';
import { faultsOn, faultyOne } from '../lib/sandbox/faults';
import { SCENES, faultsOf, keyOf, sceneOf, scenesOf } from '../lib/sandbox/scenes';

function personality(name: string, faults: Partial<PersonalityView['faults']>): PersonalityView {
  const on = Object.values(faults).filter((value) => typeof value !== 'object').length;
  return {
    name,
    provider: name,
    issuer: `http://127.0.0.1:5000/${name}`,
    api_url: `http://127.0.0.1:5001/${name}/orders`,
    set: {},
    faults: { ...NONE, ...faults },
    faults_on: on,
    vendor_dials: [{ key: 'tenant_full', kind: 'switch' }],
  };
}

const failing = personality('rfc7591', { server_errors_percent: 100 });

describe('the faults of a personality', () => {
  it('are named with their values', () => {
    const one = personality('auth0', {
      latency_ms: 1500,
      html_errors: true,
      retry_after: true,
      vendor: { tenant_full: 1 },
    });
    expect(faultsOn(one)).toEqual(['Latency 1,500 ms', 'Errors as HTML', 'Tenant is full']);
  });
});

describe('the personality behind a failure', () => {
  it.each([
    ['the provider', 'http://127.0.0.1:5000/rfc7591/token', 'rfc7591'],
    ['the gateway', 'http://127.0.0.1:5001/rfc7591/orders?page=2', 'rfc7591'],
    ['an API that was called for no configuration', 'http://127.0.0.1:5001/', null],
  ])('is found by %s', (_, url, provider) => {
    expect(faultyOne([failing], { url, provider })).toBe(failing);
  });

  it.each([
    ['another server', 'https://id.example/token', 'rfc7591'],
    ['another personality', 'http://127.0.0.1:5000/auth0/token', 'auth0'],
    ['an address that cannot be read', '', 'rfc7591'],
  ])('is not found for %s', (_, url, provider) => {
    expect(faultyOne([failing], { url, provider })).toBeUndefined();
  });

  it('is not found while its faults are off', () => {
    expect(faultyOne([personality('rfc7591', {})], { url: failing.issuer, provider: 'rfc7591' })).toBeUndefined();
  });
});

describe('a scene', () => {
  it('is recognized by its faults', () => {
    expect(SCENES.map((scene) => sceneOf(faultsOf(scene))?.name)).toEqual(SCENES.map((scene) => scene.name));
  });

  it('is not recognized next to another fault', () => {
    expect(sceneOf(NONE)).toBeUndefined();
    expect(sceneOf({ ...NONE, latency_ms: 2000, forget_clients: true })).toBeUndefined();
    expect(sceneOf({ ...NONE, latency_ms: 2000, vendor: { tenant_full: 1 } })).toBeUndefined();
    expect(sceneOf({ ...NONE, vendor: { wrong_iss: 1, tenant_full: 1 } })).toBeUndefined();
  });

  it('of a dial that only some personalities have is offered there alone', () => {
    const names = (keys: string[]): string[] =>
      scenesOf({ vendor_dials: keys.map((key) => ({ key, kind: 'switch' })) }).map((scene) => scene.name);
    const general = SCENES.filter((scene) => !scene.faults.vendor).map((scene) => scene.name);
    expect(names([])).toEqual(general);
    expect(names(['wrong_iss'])).toEqual([...general, 'mix_up']);
    expect(names(['wrong_iss', 'slow_down_for_ever'])).toEqual(SCENES.map((scene) => scene.name));
  });

  it('has a digit, after that of the opening scene', () => {
    expect(SCENES.map((_, index) => keyOf(index))).toEqual(['2', '3', '4', '5', '6', '7', '8', '9', '0']);
  });
});
