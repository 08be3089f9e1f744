import { untrack } from 'svelte';
import { call, commands, type VaultStatus } from '$lib/ipc';

class Vault {
  /** What is known of the vault; absent until the first answer. */
  status = $state<VaultStatus>();
  /** Counts up when the vault changed, here or elsewhere (command line, watcher). */
  changed = $state(0);
  /** First run makes the vault and is not done yet; the status is not asked meanwhile. */
  held = false;

  /** Asks the core where the vault stands. */
  async refresh(): Promise<VaultStatus> {
    this.status = await call(commands.vaultStatus());
    return this.status;
  }

  /** The vault changed: numbers and lists are read again. */
  touch(): void {
    this.#count();
    // The numbers in the sidebar may stay old for a moment; the screen tells its own failures.
    this.refresh().catch(() => undefined);
  }

  /** Takes the answer of a command that returns a status. */
  take(status: VaultStatus): void {
    this.status = status;
    this.#count();
  }

  /** Forgets every number of the open vault at once, without waiting for the core. */
  dropped(): void {
    if (!this.status) return;
    this.status = {
      ...this.status,
      state: 'locked',
      applications: null,
      configurations: null,
      live_sessions: null,
      pending: null,
      due_for_deletion: null,
      locks_at: null,
    };
  }

  #count(): void {
    // An effect that changes something must not depend on the counter that it moves.
    this.changed = untrack(() => this.changed) + 1;
  }
}

export const vault = new Vault();
