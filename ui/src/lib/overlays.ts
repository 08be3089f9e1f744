/** A dialog, the palette or the presentation of a story covers the screen. */
export function dialogOpen(): boolean {
  return document.querySelector('[role="dialog"], [role="alertdialog"]') !== null;
}

/** A dialog or a menu is open: the keys of the screen below it do nothing, and Esc closes what is open. */
export function overlayOpen(): boolean {
  return dialogOpen() || document.querySelector('[role="menu"]') !== null;
}
