import { describe, expect, it } from 'vitest';
import type { SessionView } from '$lib/ipc';
import { failed, storyTitle } from '../screens/activity/words';
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
    const clock = (ends_at: number | null) => ({
      name: 'idle',
      limit_secs: 900,
      ends_at,
      source: 'configuration' as const,
    });
    expect(share(clock(NOW + 450), NOW)).toBe(50);
    expect(share(clock(NOW - 5), NOW)).toBe(0);
    expect(share(clock(NOW + 5000), NOW)).toBe(100);
    expect(share(clock(null), NOW)).toBe(0);
  });
});

describe('a story', () => {
  it('is named by what was done', () => {
    const named = (purposes: string[], is_probe = false): string => storyTitle({ purposes, is_probe, exchanges: 4 });
    expect(named(['token'])).toBe('Token');
    expect(named(['token', 'api_call'])).toBe('Token and API call');
    expect(named(['discovery', 'registration', 'token', 'api_call'])).toBe('From Discovery to API call');
    expect(named(['discovery', 'token'], true)).toBe('Verification, 4 requests');
  });

  it('has failed where no answer came or a refusal', () => {
    expect([failed(null), failed(401), failed(302), failed(200)]).toEqual([true, true, false, false]);
  });
});
