import type { Component } from 'svelte';
import Copy from '@lucide/svelte/icons/copy';
import Fingerprint from '@lucide/svelte/icons/fingerprint';
import FileText from '@lucide/svelte/icons/file-text';
import GitCompare from '@lucide/svelte/icons/git-compare';
import KeyRound from '@lucide/svelte/icons/key-round';
import List from '@lucide/svelte/icons/list';
import Pencil from '@lucide/svelte/icons/pencil';
import Pin from '@lucide/svelte/icons/pin';
import Play from '@lucide/svelte/icons/play';
import RefreshCw from '@lucide/svelte/icons/refresh-cw';
import RotateCw from '@lucide/svelte/icons/rotate-cw';
import Send from '@lucide/svelte/icons/send';
import SquareTerminal from '@lucide/svelte/icons/square-terminal';
import Tag from '@lucide/svelte/icons/tag';
import Trash2 from '@lucide/svelte/icons/trash-2';
import { copyAs, copySecret } from '$lib/copy';
import { call, commands, failureOf, type ApplicationSummary, type TokenView } from '$lib/ipc';
import * as m from '$lib/messages';
import type { Action } from '$lib/shortcuts';
import { place } from '$lib/state/place.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { vault } from '$lib/state/vault.svelte';

/** What can be done with an application: in the palette, in the menus and by keys. The names are kept in the vault. */
export const TASKS = [
  'copy_token',
  'copy_curl',
  'fetch',
  'tokens',
  'call',
  'compare',
  'story',
  'copy_secret',
  'copy_client_id',
  'rotate',
  'registration',
  'labels',
  'pin',
  'rename',
  'delete',
] as const;

export type Task = (typeof TASKS)[number];
export type TaskGroup = 'token' | 'secret' | 'application';

/** What the detail of an application does for one of its dialogs; see `Asked` in ApplicationDetail. */
export type Asked = 'fetch' | 'token' | 'sign_in' | 'rotate' | 'rename' | 'labels' | 'delete';

export type TaskView = {
  id: Task;
  group: TaskGroup;
  label: (inputs?: Record<string, never>, options?: { locale?: 'en' }) => string;
  icon: Component;
  /** The shortcut that does the same for the chosen application. */
  action?: Action;
  danger?: boolean;
};

export const TASK_VIEWS: Record<Task, TaskView> = {
  copy_token: { id: 'copy_token', group: 'token', label: m.applications_copy_token, icon: Copy, action: 'copy_token' },
  copy_curl: { id: 'copy_curl', group: 'token', label: m.palette_copy_curl, icon: SquareTerminal },
  fetch: { id: 'fetch', group: 'token', label: m.palette_fetch, icon: RefreshCw, action: 'submit' },
  tokens: { id: 'tokens', group: 'token', label: m.palette_tokens, icon: List },
  call: { id: 'call', group: 'token', label: m.palette_call, icon: Send, action: 'call' },
  compare: { id: 'compare', group: 'token', label: m.palette_compare, icon: GitCompare },
  story: { id: 'story', group: 'token', label: m.palette_story, icon: Play },
  copy_secret: {
    id: 'copy_secret',
    group: 'secret',
    label: m.palette_copy_secret,
    icon: KeyRound,
    action: 'copy_secret',
  },
  copy_client_id: {
    id: 'copy_client_id',
    group: 'secret',
    label: m.palette_copy_client_id,
    icon: Fingerprint,
    action: 'copy_client_id',
  },
  rotate: { id: 'rotate', group: 'secret', label: m.palette_rotate, icon: RotateCw },
  registration: { id: 'registration', group: 'secret', label: m.palette_registration, icon: FileText },
  labels: { id: 'labels', group: 'application', label: m.palette_labels, icon: Tag, action: 'labels' },
  pin: { id: 'pin', group: 'application', label: m.palette_pin, icon: Pin },
  rename: { id: 'rename', group: 'application', label: m.applications_rename, icon: Pencil, action: 'rename' },
  delete: { id: 'delete', group: 'application', label: m.palette_delete, icon: Trash2, action: 'delete', danger: true },
};

export type TaskTarget = Pick<ApplicationSummary, 'id' | 'name' | 'pinned' | 'client_id'>;

/** "Pin", or "Unpin" where it is pinned; else the name of the action. In the language in use, or in English. */
export function taskLabel(task: Task, target: Pick<TaskTarget, 'pinned'>, locale?: 'en'): string {
  const label = task === 'pin' && target.pinned ? m.palette_unpin : TASK_VIEWS[task].label;
  return label({}, locale ? { locale } : {});
}

/** Opens the application and has its detail do the rest. */
export function ask(id: string, what: Asked): void {
  place.go('applications', { id, do: what });
}

/** A live token, fetched first where there is none. */
function liveToken(id: string): Promise<TokenView> {
  return call(
    commands.tokenGet({ application_id: id, grant: null, scope: null, audience: null, resources: [], refresh: false }),
  );
}

/** Where a refused token is explained, or where the user signs in for one. */
function explain(id: string, failure: unknown): void {
  ask(id, failureOf(failure).view.code === 'sign_in_needed' ? 'sign_in' : 'token');
}

/** Copies a token, and fetches it first where there is none; a refusal is explained where tokens are. */
export async function copyToken(id: string): Promise<void> {
  let token: TokenView;
  try {
    token = await liveToken(id);
  } catch (failure) {
    explain(id, failure);
    return;
  } finally {
    vault.touch();
  }
  await copySecret({ kind: 'access_token', token_id: token.id }, m.applications_access_token());
}

async function copyCurl(id: string): Promise<void> {
  let token: TokenView;
  try {
    token = await liveToken(id);
  } catch (failure) {
    explain(id, failure);
    return;
  } finally {
    vault.touch();
  }
  await copyAs({ kind: 'access_token', token_id: token.id }, 'curl_with_value', ({ address }) =>
    address === null
      ? m.applications_copied_example({ form: m.applications_copy_curl() })
      : m.applications_copied_command({ form: m.applications_copy_curl(), address }),
  );
}

/** Fetches a new token and stays where the user is. */
export async function fetchToken(target: { id: string; name: string }): Promise<void> {
  try {
    await call(
      commands.tokenGet({
        application_id: target.id,
        grant: null,
        scope: null,
        audience: null,
        resources: [],
        refresh: true,
      }),
    );
    toasts.show({ text: m.palette_fetched({ name: target.name }) });
  } catch {
    ask(target.id, 'fetch');
  } finally {
    vault.touch();
  }
}

/** Presents the newest story of an application. */
async function play(id: string): Promise<void> {
  const page = await call(
    commands.storiesPage({
      text: '',
      errors_only: false,
      application_id: id,
      configuration_id: null,
      offset: 0,
      limit: 1,
    }),
  );
  const first = page.items[0];
  if (first) place.go('activity', { id: first.id, story: first.id, tab: 'stories', stage: 'on' });
  else toasts.show({ text: m.palette_no_story(), tone: 'info' });
}

export async function pin(target: TaskTarget): Promise<void> {
  await call(commands.applicationPin(target.id, !target.pinned));
  vault.touch();
  toasts.show({
    text: target.pinned ? m.palette_unpinned({ name: target.name }) : m.palette_pinned({ name: target.name }),
  });
}

/** Does a task. With `stay` it is done in place as far as it can be. */
export async function runTask(task: Task, target: TaskTarget, stay = false): Promise<void> {
  const { id } = target;
  try {
    switch (task) {
      case 'copy_token':
        return await copyToken(id);
      case 'copy_curl':
        return await copyCurl(id);
      case 'fetch':
        if (stay) return await fetchToken(target);
        return ask(id, 'fetch');
      case 'copy_secret':
        return await copySecret({ kind: 'client_secret', application_id: id }, m.shell_kind_secret());
      case 'copy_client_id':
        await call(commands.copyText(target.client_id));
        toasts.show({ text: m.common_copied({ kind: m.shell_kind_client_id() }) });
        return;
      case 'tokens':
        return place.go('applications', { id, tab: 'tokens' });
      case 'registration':
        return place.go('applications', { id, tab: 'registration' });
      case 'call':
        return place.go('console', { application: id, do: undefined });
      case 'compare':
        return place.go('console', { application: id, do: 'compare' });
      case 'story':
        return await play(id);
      case 'pin':
        return await pin(target);
      case 'rotate':
      case 'rename':
      case 'labels':
      case 'delete':
        return ask(id, task);
    }
  } catch (error) {
    toasts.fail(error);
  }
}

const RECENT = 'shell.recent_tasks';
const KEPT = 6;

/** Tasks in the order of their last use. */
export function recentTasks(): Task[] {
  const kept = place.get(RECENT)?.split(' ') ?? [];
  return TASKS.filter((task) => kept.includes(task)).sort((a, b) => kept.indexOf(a) - kept.indexOf(b));
}

export function rememberTask(task: Task): void {
  place.set(RECENT, [task, ...recentTasks().filter((other) => other !== task)].slice(0, KEPT).join(' '));
}
