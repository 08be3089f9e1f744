import type { ActionState, ApplicationView } from '$lib/ipc';
import { place } from '$lib/state/place.svelte';

export type ActionName = 'read' | 'update' | 'rotate' | 'delete' | 'token' | 'introspect' | 'revoke';

export type Can = { available: boolean; reason: string | undefined };

/** What the provider lets be done; an action that the core does not name is not held back here. */
export function can(app: ApplicationView, action: ActionName): Can {
  const state: ActionState | undefined = app.actions.find((one) => one.action === action);
  return { available: state?.available ?? true, reason: state?.reason ?? undefined };
}

export function toConsole(applicationId: string): void {
  place.go('console', { application: applicationId });
}

export function toExchange(id: string): void {
  place.go('activity', { id });
}
