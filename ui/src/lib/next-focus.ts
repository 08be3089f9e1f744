import type { Attachment } from 'svelte/attachments';

/** Nothing that a person works with has the focus: what had it is gone, or another screen has come. */
export function focusIsFree(): boolean {
  const active = document.activeElement;
  return active === null || active === document.body || active.matches('main');
}

/** The next thing to do: it takes the focus where that has been lost, and leaves it where the user is at work. */
export const nextFocus: Attachment<HTMLElement> = (node) => {
  // What had the focus may leave the page in the same step.
  queueMicrotask(() => {
    if (node.isConnected && focusIsFree()) node.focus({ preventScroll: true });
  });
};
