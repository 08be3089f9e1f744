import { describe, expect, it } from 'vitest';
import { Lookup } from '$lib/lookup';

describe('a question behind a list', () => {
  it('lets keys act at once when nothing is asked', () => {
    const lookup = new Lookup();
    const done: string[] = [];
    lookup.when(() => done.push('enter'));
    expect(done).toEqual(['enter']);
  });

  it('lets keys wait for the answer, in their order', () => {
    const lookup = new Lookup();
    const done: string[] = [];
    const turn = lookup.ask('ord');
    lookup.when(() => done.push('down'));
    lookup.when(() => done.push('enter'));
    expect(done).toEqual([]);
    lookup.answered(turn);
    expect(done).toEqual(['down', 'enter']);
    lookup.when(() => done.push('again'));
    expect(done).toEqual(['down', 'enter', 'again']);
  });

  it('drops the keys of an older text, and takes no late answer', () => {
    const lookup = new Lookup();
    const done: string[] = [];
    const older = lookup.ask('ord');
    lookup.when(() => done.push('older'));
    const newer = lookup.ask('orders');
    lookup.answered(older);
    expect(lookup.isNewest(older)).toBe(false);
    lookup.when(() => done.push('newer'));
    expect(done).toEqual([]);
    lookup.answered(newer);
    expect(done).toEqual(['newer']);
  });

  it('keeps the keys when the same is asked again', () => {
    const lookup = new Lookup();
    const done: string[] = [];
    lookup.ask('ord');
    lookup.when(() => done.push('enter'));
    lookup.answered(lookup.ask('ord'));
    expect(done).toEqual(['enter']);
  });

  it('does nothing later when the question is dropped', () => {
    const lookup = new Lookup();
    const done: string[] = [];
    const turn = lookup.ask('ord');
    lookup.when(() => done.push('enter'));
    lookup.drop();
    lookup.answered(turn);
    expect(done).toEqual([]);
  });
});
