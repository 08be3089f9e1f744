import { call, commands, type ActionState, type ApplicationAction, type ApplicationView } from '$lib/ipc';
import * as m from '$lib/messages';
import { place } from '$lib/state/place.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { vault } from '$lib/state/vault.svelte';

export type Can = { available: boolean; reason: string | undefined };

/** What the provider lets be done. */
export function can(app: ApplicationView, action: ApplicationAction): Can {
  const state: ActionState | undefined = app.actions.find((one) => one.action === action);
  return { available: state?.available ?? true, reason: state?.reason ?? undefined };
}

export function toConsole(applicationId: string): void {
  place.go('console', { application: applicationId });
}

export function toExchange(id: string): void {
  place.go('activity', { id });
}

const UNDO_SECS = 10;

/** Takes the application out of this vault; the provider is not asked. Can be undone from the toast. */
export async function forget(app: { id: string; name: string }): Promise<void> {
  await call(commands.applicationForget(app.id));
  place.set('applications.id', undefined);
  vault.touch();
  toasts.show({
    text: m.applications_forgotten({ name: app.name }),
    clockSecs: UNDO_SECS,
    action: { label: m.applications_undo(), run: () => void restore(app.id), undoes: true },
  });
}

async function restore(id: string): Promise<void> {
  try {
    const app = await call(commands.applicationRestore(id));
    place.set('applications.id', app.id);
    vault.touch();
    toasts.show({ text: m.applications_restored({ name: app.name }) });
  } catch (error) {
    toasts.fail(error);
  }
}
