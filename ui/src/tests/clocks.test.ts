import { describe, expect, it } from 'vitest';
import type { ExchangeView, SessionView } from '$lib/ipc';
import { credential, failed, stepsOf } from '../screens/activity/words';
import { isLive, isSoon, share } from '../screens/sessions/clocks';

const NOW = 1_800_000_000;
const session = (ends_at: number | null, live = true): SessionView => ({ live, ends_at }) as SessionView;

describe('a session', () => {
  it('has ended when a clock ran out, even before the core says so', () => {
    expect(isLive(session(NOW + 1), NOW)).toBe(true);
    expect(isLive(session(NOW), NOW)).toBe(false);
    expect(isLive(session(null), NOW)).toBe(true);
    expect(isLive(session(NOW + 99, false), NOW)).toBe(false);
  });

  it('ends soon within ten minutes', () => {
    expect(isSoon(session(NOW + 599), NOW)).toBe(true);
    expect(isSoon(session(NOW + 601), NOW)).toBe(false);
    expect(isSoon(session(null), NOW)).toBe(false);
  });

  it('draws what is left of a clock between nothing and all', () => {
    const clock = (ends_at: number | null) => ({ name: 'idle', limit_secs: 900, ends_at, source: 'configuration' as const });
    expect(share(clock(NOW + 450), NOW)).toBe(50);
    expect(share(clock(NOW - 5), NOW)).toBe(0);
    expect(share(clock(NOW + 5000), NOW)).toBe(100);
    expect(share(clock(null), NOW)).toBe(0);
  });
});

describe('an exchange', () => {
  const exchange = (headers: [string, string][], status: number | null): ExchangeView =>
    ({
      summary: { id: 'x', status },
      peer: 'api',
      request_headers: headers.map(([name, value]) => ({ name, value })),
    }) as unknown as ExchangeView;

  it('is two arrows of the sequence', () => {
    expect(stepsOf([exchange([], 200)]).map((step) => step.key)).toEqual(['x request', 'x response']);
  });

  it('names the kind of credential and never its value', () => {
    expect(credential(exchange([['Authorization', 'Bearer [redacted]']], 200))).toBe('Bearer ••••');
    expect(credential(exchange([['cookie', 'session=[redacted]']], 200))).toBe('Cookie ••••');
    expect(credential(exchange([], 200))).toBe('');
  });

  it('failed with an error status, and with no answer', () => {
    expect([200, 302, 400, 503, null].map(failed)).toEqual([false, false, true, true, true]);
  });
});
