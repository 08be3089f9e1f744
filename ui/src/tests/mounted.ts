import { createRawSnippet, flushSync, mount, unmount, type Component, type Snippet } from 'svelte';
import { onTestFinished, vi } from 'vitest';

/** Draws a component in an empty page until the end of the test. */
export function draw<Props extends Record<string, unknown>, Exports extends Record<string, unknown>>(
  component: Component<Props, Exports>,
  props: Props,
): void {
  document.body.innerHTML = '<button id="before">before</button>';
  const drawn = mount(component, { target: document.body, props });
  flushSync();
  onTestFinished(() => unmount(drawn));
}

/** The content of a component. */
export function words(text: string): Snippet {
  return createRawSnippet(() => ({ render: () => `<span>${text}</span>` }));
}

/** The element with this `data-testid`. */
export function part(id: string): HTMLElement {
  const found = document.querySelector<HTMLElement>(`[data-testid="${id}"]`);
  if (!found) throw new Error(`${id} is not in ${document.body.innerHTML}`);
  return found;
}

export function has(id: string): boolean {
  return document.querySelector(`[data-testid="${id}"]`) !== null;
}

/** Presses a key where the focus is. False where somebody took it, so that it is not a shortcut any more. */
export function press(key: string, modifiers: KeyboardEventInit = {}): boolean {
  const code = key === ' ' ? 'Space' : key;
  const left = (document.activeElement ?? document.body).dispatchEvent(
    new KeyboardEvent('keydown', { key, code, bubbles: true, cancelable: true, ...modifiers }),
  );
  flushSync();
  return left;
}

export function click(element: HTMLElement): void {
  element.click();
  flushSync();
}

/** Waits until this holds, on a machine that does other work too. */
export function soon(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 4000 });
}

/** The text of what `aria-describedby` names. */
export function described(element: HTMLElement): string {
  const ids = element.getAttribute('aria-describedby')?.split(' ') ?? [];
  return ids.map((id) => document.getElementById(id)?.textContent ?? '').join(' ');
}
