import type { Attachment } from 'svelte/attachments';

/** Scrolls to an error or a result that has just appeared. */
export const inSight: Attachment<HTMLElement> = (box) => box.scrollIntoView({ block: 'nearest' });

/** Moves the focus there, too, so that a keyboard and a screen reader go on from it. */
export const inFocus: Attachment<HTMLElement> = (box) => {
  box.tabIndex = -1;
  box.focus({ preventScroll: true });
  inSight(box);
};

/** Enter confirms nothing that cannot be taken back, not even with the red button in focus; Space and a click do. */
export const noEnter: Attachment<HTMLElement> = (node) => {
  const stop = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') event.preventDefault();
  };
  node.addEventListener('keydown', stop);
  return () => node.removeEventListener('keydown', stop);
};
