import {
  call,
  commands,
  events,
  failureOf,
  type ErrorView,
  type SandboxFaults,
  type SandboxOptionsInput,
  type SandboxStatus,
} from '$lib/ipc';
import * as m from '$lib/messages';
import { place } from '$lib/state/place.svelte';
import { sandbox as everywhere } from '$lib/state/sandbox.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { vault } from '$lib/state/vault.svelte';

export type Doing = 'start' | 'stop' | 'reset' | 'use' | 'register';

/** The personality that does what the standards say, and no more. */
const PLAIN = 'rfc7591';

/** What the screen knows of the Sandbox and can make it do. */
export class Sandbox {
  status = $state.raw<SandboxStatus>();
  failure = $state.raw<ErrorView>();
  doing = $state<Doing>();
  /** The personality that is being connected. */
  using = $state<string>();
  /** Changes are sent one after another, so that the last one made is the one that stays. */
  #queue: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Reads the state now and after each change; the answer ends it. */
  watch(): () => void {
    let ended = false;
    let unlisten: (() => void) | undefined;
    void this.#read();
    events.sandboxChanged
      .listen(() => void this.#read())
      .then((end) => {
        if (ended) end();
        else unlisten = end;
      })
      .catch((error: unknown) => {
        this.failure = failureOf(error).view;
      });
    return () => {
      ended = true;
      unlisten?.();
    };
  }

  start(): Promise<void> {
    return this.#do('start', async () => {
      this.status = await call(commands.sandboxStart());
    });
  }

  stop(): Promise<void> {
    return this.#do('stop', async () => {
      this.status = await call(commands.sandboxStop());
    });
  }

  reset(): Promise<void> {
    return this.#do('reset', async () => {
      this.status = await call(commands.sandboxReset());
      toasts.show({ text: m.sandbox_reset_done() });
    });
  }

  /** Opens the configuration that leads to a personality, made and verified where needed. */
  use(personality: string): Promise<void> {
    return this.#do('use', async () => {
      this.using = personality;
      try {
        const { id } = await call(commands.sandboxConnect(personality));
        vault.touch();
        place.go('configurations', { id });
      } finally {
        this.using = undefined;
      }
    });
  }

  register(): Promise<void> {
    return this.#do('register', async () => {
      const { id } = await call(commands.sandboxConnect(PLAIN));
      vault.touch();
      place.go('register', { configuration: id });
    });
  }

  setFaults(personality: string, faults: SandboxFaults): void {
    if (this.status) {
      const personalities = this.status.personalities.map((one) =>
        one.name === personality ? { ...one, faults } : one,
      );
      this.status = { ...this.status, personalities };
    }
    this.#change(() => call(commands.sandboxSetFaults(personality, faults)));
  }

  setOptions(options: SandboxOptionsInput): void {
    if (this.status) this.status = { ...this.status, ...options };
    this.#change(() => call(commands.sandboxSetOptions(options)));
  }

  async #do(what: Doing, work: () => Promise<void>): Promise<void> {
    if (this.doing) return;
    this.doing = what;
    this.failure = undefined;
    try {
      await work();
    } catch (error) {
      this.failure = failureOf(error).view;
    } finally {
      this.doing = undefined;
    }
  }

  #change(send: () => Promise<SandboxStatus>): void {
    this.#waiting += 1;
    this.#queue = this.#queue.then(async () => {
      try {
        const status = await send();
        this.failure = undefined;
        // An older answer must not undo what was set since.
        if (this.#waiting === 1) this.status = status;
        everywhere.take(status);
      } catch (error) {
        this.failure = failureOf(error).view;
        await this.#load();
      } finally {
        this.#waiting -= 1;
      }
    });
  }

  async #read(): Promise<void> {
    if (this.#waiting > 0) return;
    await this.#load();
  }

  async #load(): Promise<void> {
    try {
      const status = await call(commands.sandboxStatus());
      if (this.#waiting <= 1) this.status = status;
    } catch (error) {
      this.failure = failureOf(error).view;
    }
  }
}
