import { SvelteMap } from 'svelte/reactivity';
import { call, commands, type Value } from '$lib/ipc';

export const SCREENS = [
  'applications',
  'register',
  'connect',
  'configurations',
  'console',
  'sessions',
  'activity',
  'sandbox',
  'settings',
] as const;

export type Screen = (typeof SCREENS)[number];

const SAVE_AFTER_MS = 300;

export const isScreen = (name: unknown): name is Screen => SCREENS.some((screen) => screen === name);

/** Where the window is: the screen and what is chosen on it. Kept encrypted in the vault. */
class Place {
  screen = $state<Screen>('applications');
  #chosen = new SvelteMap<string, string>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Ends with the last save. One at a time: an older place is not written over a newer one. */
  #saved: Promise<void> = Promise.resolve();

  /** `selection` keys are short (`id`) for the screen gone to, or whole (`console.application`). */
  go(screen: Screen, selection: Record<string, string | undefined> = {}): void {
    this.screen = screen;
    for (const [key, value] of Object.entries(selection)) {
      this.#put(key.includes('.') ? key : `${screen}.${key}`, value);
    }
    this.#later();
  }

  get(key: string): string | undefined {
    return this.#chosen.get(key);
  }

  set(key: string, value: string | undefined): void {
    if (this.#chosen.get(key) === value) return;
    this.#put(key, value);
    this.#later();
  }

  /** What is chosen on one screen, by short keys. */
  of(screen: Screen): Record<string, string | undefined> {
    const prefix = `${screen}.`;
    const found: Record<string, string | undefined> = {};
    for (const [key, value] of this.#chosen) {
      if (key.startsWith(prefix)) found[key.slice(prefix.length)] = value;
    }
    return found;
  }

  /** Brings back what was kept; an unknown shape is left alone, it may be of a newer version. */
  async restore(): Promise<void> {
    const kept = await call(commands.placeGet());
    this.take(kept);
  }

  take(kept: Value | null): void {
    if (kept === null || typeof kept !== 'object' || Array.isArray(kept)) return;
    if (isScreen(kept['screen'])) this.screen = kept['screen'];
    const chosen = kept['chosen'];
    if (chosen === null || typeof chosen !== 'object' || Array.isArray(chosen)) return;
    for (const [key, value] of Object.entries(chosen)) {
      if (typeof value === 'string') this.#chosen.set(key, value);
    }
  }

  snapshot(): Value {
    return { screen: this.screen, chosen: Object.fromEntries(this.#chosen) };
  }

  /** Saves now; called before the vault is locked by hand. */
  async flush(): Promise<void> {
    if (this.#timer === undefined) return this.#saved;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const now = this.snapshot();
    const saving = this.#saved.then(async () => {
      await call(commands.placeSet(now));
    });
    this.#saved = saving.catch(() => undefined);
    return saving;
  }

  /** The vault is locked: nothing of it stays in the page, and nothing is saved any more. */
  forget(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.screen = 'applications';
    this.#chosen.clear();
  }

  #put(key: string, value: string | undefined): void {
    if (value === undefined) this.#chosen.delete(key);
    else this.#chosen.set(key, value);
  }

  /** Changes that follow each other do not put the save off: the window may be closed at any moment. */
  #later(): void {
    // A place that could not be saved costs one click after the next unlock; no message is due.
    this.#timer ??= setTimeout(() => void this.flush().catch(() => undefined), SAVE_AFTER_MS);
  }
}

export const place = new Place();
