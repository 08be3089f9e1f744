import { call, commands, type SecretRef } from '$lib/ipc';
import { now } from './clock.svelte';

/** The one secret that is on the screen; showing another hides it. */
class Reveal {
  /** Names the row that shows the value. */
  owner = $state<symbol>();
  value = $state('');
  endsAt = $state(0);
  #asked: symbol | undefined;

  constructor() {
    window.addEventListener('blur', () => this.hide());
  }

  async show(owner: symbol, secret: SecretRef): Promise<void> {
    this.hide();
    this.#asked = owner;
    const shown = await call(commands.secretReveal(secret));
    // Hidden again (key let go, screen left) before the answer came.
    if (this.#asked !== owner) return;
    this.owner = owner;
    this.value = shown.value;
    this.endsAt = now.secs + shown.hide_after_secs;
  }

  hide(owner?: symbol): void {
    if (owner !== undefined && owner !== this.owner && owner !== this.#asked) return;
    this.#asked = undefined;
    this.owner = undefined;
    this.value = '';
    this.endsAt = 0;
  }
}

export const reveal = new Reveal();
