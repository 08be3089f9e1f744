import { runAction } from '$lib/actions';
import { call, commands } from '$lib/ipc';
import * as m from '$lib/messages';
import type { Action } from '$lib/shortcuts';
import { openingScene } from '$lib/sandbox/opening';
import { place, type Screen } from '$lib/state/place.svelte';
import { prefs } from '$lib/state/prefs.svelte';
import { sandbox } from '$lib/state/sandbox.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { runTask } from '../applications/tasks';

export type Openers = { palette: () => void; shortcuts: () => void };

/** Saves where the window is, then closes the vault; the core tells the page when it is closed. */
export async function lockNow(): Promise<void> {
  // Locking matters more than the place: it goes on when the place could not be kept.
  await place.flush().catch(() => undefined);
  try {
    await call(commands.vaultLock());
  } catch (error) {
    toasts.fail(error);
  }
}

/** Begins or ends presenter mode. The pages are loaded anew, so that none of the real names is left in them. */
export async function present(on: boolean): Promise<void> {
  try {
    await prefs.save({ presenter: on });
    // What was chosen meanwhile is kept; a later click would be thrown back by the pages that come.
    await place.flush();
    document.body.inert = true;
    window.location.reload();
  } catch (error) {
    toasts.fail(error);
  }
}

type OfChosen = 'copy_token' | 'copy_secret' | 'copy_client_id' | 'call' | 'rename' | 'labels';

/** Does something with the application that is chosen, wherever the user is. */
async function withChosen(task: OfChosen): Promise<void> {
  const id = place.get('applications.id');
  if (!id) {
    toasts.show({ text: m.shell_no_application(), tone: 'info' });
    return;
  }
  try {
    // Only the copy of the client ID needs more than the id.
    const { name, client_id } =
      task === 'copy_client_id' ? await call(commands.applicationGet(id)) : { name: '', client_id: '' };
    await runTask(task, { id, name, client_id, pinned: false });
  } catch (error) {
    toasts.fail(error);
  }
}

/** Puts the focus into the search field of the list; false where the screen has none. */
function focusSearch(): boolean {
  const field = document.querySelector<HTMLInputElement>('.main input[type="search"]');
  field?.focus();
  field?.select();
  return field !== null;
}

/** F6: from the sidebar to the list to the detail and around. */
export function nextPane(): void {
  const marked = [...document.querySelectorAll<HTMLElement>('[data-pane]')];
  // A pane that holds other panes is left out; they are walked one by one.
  const panes = marked.filter((pane) => !marked.some((other) => other !== pane && pane.contains(other)));
  const at = panes.findIndex((pane) => pane.contains(document.activeElement));
  for (let step = 1; step <= panes.length; step += 1) {
    const pane = panes[(at + step) % panes.length];
    const target =
      pane?.querySelector<HTMLElement>('[role="listbox"], [aria-current="page"], [role="tab"][aria-selected="true"]') ??
      pane?.querySelector<HTMLElement>('button, input, select, textarea, a[href], [tabindex="0"]');
    if (target) {
      target.focus();
      return;
    }
  }
}

/** Esc: clears the search that has the focus, else goes back to the list. */
export function escape(): boolean {
  const active = document.activeElement;
  if (
    active instanceof HTMLInputElement &&
    active.matches('[type="search"], [data-testid$="-search"]') &&
    active.value
  ) {
    active.value = '';
    active.dispatchEvent(new Event('input', { bubbles: true }));
    return true;
  }
  const list = document.querySelector<HTMLElement>('.main [role="listbox"]');
  list?.focus();
  return list !== null;
}

/** Does what a shortcut or a line of the palette says; false when there is nothing to do here. */
export function run(action: Action, openers: Openers): boolean {
  switch (action) {
    case 'palette':
      openers.palette();
      return true;
    case 'shortcuts':
      openers.shortcuts();
      return true;
    case 'lock':
      void lockNow();
      return true;
    case 'register':
      // A result on show gives way to another form.
      if (!runAction(action)) place.go(action);
      return true;
    case 'settings':
      place.go(action);
      return true;
    case 'theme':
      prefs.save({ theme: prefs.theme === 'dark' ? 'light' : 'dark' }).catch((error: unknown) => toasts.fail(error));
      return true;
    case 'quick_access':
      call(commands.quickAccessOpen()).catch((error: unknown) => toasts.fail(error));
      return true;
    case 'presenter':
      void present(!prefs.presenter);
      return true;
    case 'opening_scene':
      if (!sandbox.running) return false;
      void openingScene();
      return true;
    case 'copy_token':
    case 'copy_secret':
    case 'copy_client_id':
    case 'call':
    case 'rename':
    case 'labels':
      void withChosen(action);
      return true;
    case 'next_pane':
      nextPane();
      return true;
    case 'search':
      return runAction('search') || focusSearch();
    case 'undo': {
      if (runAction('undo')) return true;
      // The only thing that can be undone is what the toast on show offers to undo.
      const offered = toasts.current?.action;
      if (!offered?.undoes) return false;
      toasts.dismiss();
      offered.run();
      return true;
    }
    case 'submit':
    case 'refresh':
    case 'delete':
      return runAction(action);
    default:
      place.go(action.slice('go_'.length) as Screen);
      return true;
  }
}
