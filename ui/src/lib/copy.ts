import { call, commands, type CopyForm, type CopyReceipt, type SecretRef } from '$lib/ipc';
import { left } from '$lib/format';
import * as m from '$lib/messages';
import { toasts } from '$lib/state/toasts.svelte';

/** Copies a secret past the page. */
export const copySecret = (secret: SecretRef, kind: string): Promise<void> =>
  copyAs(secret, 'raw', () => m.common_copied({ kind }));

/** Copies a secret, or a reference to it, and shows how long the clipboard keeps the value. */
export async function copyAs(secret: SecretRef, form: CopyForm, said: (receipt: CopyReceipt) => string): Promise<void> {
  try {
    const receipt = await call(commands.secretCopy(secret, form));
    const secs = receipt.clear_after_secs ?? undefined;
    toasts.show({
      text: said(receipt),
      hint:
        receipt.lives_secs === null ? undefined : m.common_copied_assertion_valid({ time: left(receipt.lives_secs) }),
      clockSecs: secs,
      clock: (time) => m.common_clipboard_clock({ time }),
      action: secs === undefined ? undefined : { label: m.common_clear_now(), run: () => void clear() },
    });
  } catch (error) {
    toasts.fail(error);
  }
}

async function clear(): Promise<void> {
  try {
    const ours = await call(commands.clipboardClear());
    toasts.show({ text: ours ? m.common_clipboard_cleared() : m.common_clipboard_other(), tone: 'info' });
  } catch (error) {
    toasts.fail(error);
  }
}
