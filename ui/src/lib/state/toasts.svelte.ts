import { failureOf } from '$lib/ipc';
import { now } from './clock.svelte';

export type ToastAction = {
  label: string;
  run: () => void;
  /** It takes back what the toast tells of: the shortcut for undo does the same. */
  undoes?: boolean;
};

export type ToastInput = {
  text: string;
  tone?: 'ok' | 'info';
  hint?: string | undefined;
  /** Stays this long and shows how much is left. */
  clockSecs?: number | undefined;
  /** Says what happens when the clock ends. */
  clock?: ((left: string) => string) | undefined;
  action?: ToastAction | undefined;
};

export type Toast = {
  id: number;
  text: string;
  hint?: string | undefined;
  tone: 'ok' | 'info' | 'bad';
  clockSecs?: number | undefined;
  clock?: ((left: string) => string) | undefined;
  /** Unix seconds at which the clock ends. */
  endsAt?: number | undefined;
  action?: ToastAction | undefined;
};

const PLAIN_SECS = 5;

class Toasts {
  /** One at a time: the newest replaces the one before. */
  current = $state<Toast>();
  #last = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  show(input: ToastInput): void {
    const secs = input.clockSecs ?? PLAIN_SECS;
    this.#put({
      id: ++this.#last,
      text: input.text,
      hint: input.hint,
      tone: input.tone ?? 'ok',
      clockSecs: input.clockSecs,
      clock: input.clock,
      endsAt: input.clockSecs === undefined ? undefined : now.secs + input.clockSecs,
      action: input.action,
    });
    this.#timer = setTimeout(() => this.dismiss(), secs * 1000);
  }

  /** An error stays until it is dismissed. */
  fail(error: unknown): void {
    const { view } = failureOf(error);
    this.#put({ id: ++this.#last, text: view.message, hint: view.hint ?? undefined, tone: 'bad' });
  }

  dismiss(): void {
    clearTimeout(this.#timer);
    this.current = undefined;
  }

  #put(toast: Toast): void {
    clearTimeout(this.#timer);
    this.current = toast;
  }
}

export const toasts = new Toasts();
