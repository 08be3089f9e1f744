import { failureOf, type ErrorView } from '$lib/ipc';
import { vault } from './vault.svelte';

/** What a page shows of the core, loaded again when it changes. */
export type Resource<T> = {
  /** The newest answer; undefined before the first. It stays while a later request fails. */
  readonly value: T | undefined;
  /** Why the newest request failed. */
  readonly error: ErrorView | undefined;
  /** Loads again. */
  reload: () => Promise<void>;
  /** Takes an answer that came another way; one that is under way is ignored. */
  set: (value: T) => void;
};

/**
 * Loads now, whenever the vault changes, and whenever the state changes that `load` reads before it waits. The newest
 * request wins: an answer that comes after a later request is dropped. For use while a component is set up.
 */
export function resource<T>(load: () => Promise<T>): Resource<T> {
  let value = $state.raw<T>();
  let error = $state.raw<ErrorView>();
  let newest = 0;

  async function reload(): Promise<void> {
    const request = ++newest;
    try {
      const loaded = await load();
      if (request !== newest) return;
      value = loaded;
      error = undefined;
    } catch (failure) {
      if (request === newest) error = failureOf(failure).view;
    }
  }

  $effect(() => {
    void vault.changed;
    void reload();
  });

  return {
    get value() {
      return value;
    },
    get error() {
      return error;
    },
    reload,
    set(known) {
      newest += 1;
      value = known;
      error = undefined;
    },
  };
}
