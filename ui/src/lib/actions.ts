import { onDestroy } from 'svelte';
import type { Action } from '$lib/shortcuts';

type Handler = () => void;

/** What the screen on show does for a shortcut; the newest that registered wins. */
const handlers = new Map<Action, Handler[]>();

/** Call while a component is set up: `onAction('submit', send)`. Ends with the component. */
export function onAction(action: Action, run: Handler): void {
  const list = handlers.get(action) ?? [];
  list.push(run);
  handlers.set(action, list);
  onDestroy(() => {
    const at = list.lastIndexOf(run);
    if (at >= 0) list.splice(at, 1);
  });
}

/** Runs the screen's own answer to an action; false when it has none. */
export function runAction(action: Action): boolean {
  const run = handlers.get(action)?.at(-1);
  run?.();
  return run !== undefined;
}
