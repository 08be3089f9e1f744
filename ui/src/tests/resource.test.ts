import { flushSync } from 'svelte';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { resource, type Resource } from '$lib/state/resource.svelte';
import { vault } from '$lib/state/vault.svelte';
import { effectRoot } from './effect-root.svelte';

let end: (() => void) | undefined;

function loaded<T>(load: () => Promise<T>): Resource<T> {
  let made: Resource<T> | undefined;
  end = effectRoot(() => {
    made = resource(load);
  });
  flushSync();
  return made!;
}

const settled = (): Promise<void> => new Promise((done) => setTimeout(done));

describe('resource', () => {
  beforeEach(() => {
    end = undefined;
  });
  afterEach(() => end?.());

  it('loads at once and again when the vault changes', async () => {
    let count = 0;
    const one = loaded(() => Promise.resolve(++count));
    await settled();
    expect(one.value).toBe(1);
    vault.touch();
    flushSync();
    await settled();
    expect(one.value).toBe(2);
  });

  it('drops an answer that comes after a later request', async () => {
    const answers: ((value: string) => void)[] = [];
    const one = loaded(() => new Promise<string>((answer) => answers.push(answer)));
    void one.reload();
    answers[1]?.('later');
    await settled();
    answers[0]?.('earlier');
    await settled();
    expect(one.value).toBe('later');
  });

  it('keeps the value while a later request fails', async () => {
    const load = vi
      .fn<() => Promise<string>>()
      .mockResolvedValueOnce('first')
      .mockRejectedValueOnce(new Error('closed'));
    const one = loaded(load);
    await settled();
    await one.reload();
    expect(one.value).toBe('first');
    expect(one.error?.code).toBe('window_failed');
  });

  it('ignores the answer under way when another one is set', async () => {
    let answer: (value: string) => void = () => undefined;
    const one = loaded(() => new Promise<string>((done) => (answer = done)));
    one.set('known');
    answer('late');
    await settled();
    expect(one.value).toBe('known');
  });
});
