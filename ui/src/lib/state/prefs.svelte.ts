import { call, commands, type Lang, type Preferences } from '$lib/ipc';
import { setLocale } from '$lib/paraglide/runtime.js';

class Prefs {
  value = $state<Preferences>({});
  /** The language in use; App draws itself again when it changes. */
  lang = $state<Lang>('en');
  #saved: Promise<void> = Promise.resolve();
  /** What the system wants. */
  #dark = $state(false);

  /** Secrets stay hidden, and the core sends pseudonyms of clients and hosts. */
  presenter = $derived(this.value.presenter ?? false);
  /** The system keeps the window out of screen captures while it presents. */
  blocksCapture = $state(false);

  /** The theme in use. */
  theme: 'light' | 'dark' = $derived.by(() => {
    const wish = this.value.theme ?? 'system';
    if (wish === 'system') return this.#dark ? 'dark' : 'light';
    return wish;
  });

  constructor() {
    const query = window.matchMedia('(prefers-color-scheme: dark)');
    this.#dark = query.matches;
    query.addEventListener('change', (event) => {
      this.#dark = event.matches;
    });
  }

  async load(): Promise<void> {
    const [value, info] = await Promise.all([call(commands.preferencesGet()), call(commands.windowInfo())]);
    this.value = value;
    this.blocksCapture = info.blocks_capture;
    this.#speak(info.language);
  }

  /** Keeps a change; the rest of the preferences stays. One at a time: the next begins with what this one left. */
  save(part: Partial<Preferences>): Promise<void> {
    const saving = this.#saved.then(() => this.#keep(part));
    this.#saved = saving.catch(() => undefined);
    return saving;
  }

  async #keep(part: Partial<Preferences>): Promise<void> {
    const shown = $state.snapshot(this.value);
    this.value = await call(commands.preferencesSet(shown, { ...shown, ...part }));
    // Without a choice of the user the core goes by the system, so it is asked.
    const info = await call(commands.windowInfo());
    this.#speak(info.language);
  }

  #speak(lang: Lang): void {
    void setLocale(lang, { reload: false });
    document.documentElement.lang = lang;
    this.lang = lang;
  }
}

export const prefs = new Prefs();
