import { mockIPC, clearMocks } from '@tauri-apps/api/mocks';
import { afterEach, expect, it, vi } from 'vitest';
import { place } from '$lib/state/place.svelte';

afterEach(() => {
  place.forget();
  clearMocks();
});

it('an older place is not written over a newer one', async () => {
  const begun: string[] = [];
  const ends: (() => void)[] = [];
  mockIPC((name, given) => {
    if (name !== 'place_set') return undefined;
    begun.push(JSON.stringify(given));
    return new Promise((done) => ends.push(() => done(null)));
  });
  place.set('applications.tab', 'credentials');
  const first = place.flush();
  place.set('applications.tab', 'tokens');
  const second = place.flush();
  await Promise.resolve();
  // The second save waits for the end of the first.
  await expect.poll(() => begun.length).toBe(1);
  expect(begun[0]).toContain('credentials');
  ends[0]?.();
  await first;
  await expect.poll(() => begun.length).toBe(2);
  expect(begun[1]).toContain('tokens');
  ends[1]?.();
  await second;
});

it('a place is saved while changes follow each other', async () => {
  vi.useFakeTimers();
  const kept: string[] = [];
  mockIPC((name, given) => {
    if (name === 'place_set') kept.push(JSON.stringify(given));
    return null;
  });
  place.set('applications.tab', 'tokens');
  for (let typed = 0; typed < 10; typed += 1) {
    await vi.advanceTimersByTimeAsync(100);
    place.set('console.draft', String(typed));
  }
  vi.useRealTimers();
  expect(kept[0]).toContain('tokens');
});
