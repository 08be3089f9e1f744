import { describe, expect, it } from 'vitest';
import type { ExchangeView } from '$lib/ipc';
import { svgOf } from '../screens/activity/svg';
import { lanesOf, stepsOf } from '../screens/activity/words';

const exchange = (peer: 'provider' | 'api', path: string, status: number | null): ExchangeView => ({
  summary: {
    id: path,
    flow: 'flow',
    purpose: 'token',
    method: 'POST',
    host: `${peer}.example`,
    path,
    status,
    error: null,
    elapsed_ms: 3,
    started_at_ms: 0,
    application: null,
  },
  provider: null,
  config: null,
  peer,
  url: `https://${peer}.example${path}`,
  request_headers: [{ name: 'Authorization', value: 'Bearer ••••' }],
  request_body: null,
  response_headers: [],
  response_body: null,
  error_message: null,
});

const drawn = (flow: ExchangeView[]): Document =>
  new DOMParser().parseFromString(svgOf(stepsOf(flow), lanesOf(flow)), 'text/html');

describe('a sequence as a picture', () => {
  it('has a line for each who takes part and two arrows for each exchange', () => {
    const flow = [exchange('provider', '/token', 200), exchange('api', '/orders', 401)];
    expect(lanesOf(flow)).toEqual(['Keywright', 'provider.example', 'api.example']);
    const picture = drawn(flow);
    expect(picture.querySelectorAll('polygon')).toHaveLength(4);
    expect(picture.querySelectorAll('line[x1="160"][x2="160"], line[x1="480"][x2="480"], line[x1="800"][x2="800"]')).toHaveLength(3);
    expect(picture.body.textContent).toContain('POST /token Bearer ••••');
    expect(picture.body.textContent).toContain('401 Token');
  });

  it('of a call alone leads to the API', () => {
    expect(lanesOf([exchange('api', '/orders', 200)])).toEqual(['Keywright', 'api.example']);
  });

  it('shows what a stranger wrote as text', () => {
    const picture = drawn([exchange('provider', '/</text><script>alert(1)</script>&"\u0000', null)]);
    expect(picture.querySelector('script')).toBeNull();
    expect(picture.body.textContent).toContain('<script>alert(1)</script>&"');
    expect(picture.body.textContent).toContain('no response');
  });
});
