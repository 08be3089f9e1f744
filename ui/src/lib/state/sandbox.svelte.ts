import { untrack } from 'svelte';
import { call, commands, type PersonalityView, type SandboxStatus } from '$lib/ipc';

class SandboxState {
  running = $state(false);
  personalities = $state.raw<PersonalityView[]>([]);
  /** How many faults are on, of all personalities. */
  faults = $derived(this.personalities.reduce((sum, one) => sum + one.faults_on, 0));
  /** Counts up when the Sandbox changed; `$effect` on it to read the status again. */
  changed = $state(0);

  async refresh(): Promise<void> {
    // An effect that refreshes must not depend on what it changes.
    this.changed = untrack(() => this.changed) + 1;
    this.take(await call(commands.sandboxStatus()));
  }

  /** A status that was read elsewhere. */
  take({ running, personalities }: SandboxStatus): void {
    this.running = running;
    this.personalities = personalities;
  }
}

export const sandbox = new SandboxState();
