import { untrack } from 'svelte';
import { call, commands } from '$lib/ipc';

class SandboxState {
  running = $state(false);
  /** Counts up when the Sandbox changed; `$effect` on it to read the status again. */
  changed = $state(0);

  async refresh(): Promise<void> {
    // An effect that refreshes must not depend on what it changes.
    this.changed = untrack(() => this.changed) + 1;
    const status = await call(commands.sandboxStatus());
    this.running = status.running;
  }
}

export const sandbox = new SandboxState();
