import type { Component } from 'svelte';
import ActivityIcon from '@lucide/svelte/icons/activity';
import Cookie from '@lucide/svelte/icons/cookie';
import FlaskConical from '@lucide/svelte/icons/flask-conical';
import KeyRound from '@lucide/svelte/icons/key-round';
import Link from '@lucide/svelte/icons/link';
import Plug from '@lucide/svelte/icons/plug';
import Plus from '@lucide/svelte/icons/plus';
import Settings from '@lucide/svelte/icons/settings';
import SquareTerminal from '@lucide/svelte/icons/square-terminal';
import * as m from '$lib/messages';
import type { Action } from '$lib/shortcuts';
import type { Screen } from '$lib/state/place.svelte';

/** A text without parameters. */
type Message = (inputs: Record<string, never>, options: { locale?: 'en' }) => string;

export const icons: Record<Screen, Component> = {
  applications: KeyRound,
  register: Plus,
  connect: Link,
  configurations: Plug,
  console: SquareTerminal,
  sessions: Cookie,
  activity: ActivityIcon,
  sandbox: FlaskConical,
  settings: Settings,
};

/** The name of a screen in the language in use, or in English. */
export function screenName(screen: Screen, locale?: 'en'): string {
  const names: Record<Screen, Message> = {
    applications: m.shell_applications,
    register: m.shell_register,
    connect: m.connect_to_server,
    configurations: m.shell_configurations,
    console: m.shell_console,
    sessions: m.shell_sessions,
    activity: m.shell_activity,
    sandbox: m.shell_sandbox,
    settings: m.shell_settings,
  };
  return names[screen]({}, locale ? { locale } : {});
}

/** What an action does, for the palette and the list of shortcuts; in the language in use, or in English. */
export function actionName(action: Action, locale?: 'en'): string {
  const go = (screen: Screen) => (): string =>
    m.shell_action_go({ place: screenName(screen, locale) }, locale ? { locale } : {});
  const names: Record<Action, Message> = {
    palette: m.shell_action_palette,
    register: m.shell_action_register,
    lock: m.shell_action_lock,
    submit: m.shell_action_submit,
    search: m.shell_action_search,
    shortcuts: m.shell_action_shortcuts,
    settings: m.shell_action_settings,
    quick_access: m.quick_title,
    theme: m.shell_action_theme,
    presenter: m.shell_action_presenter,
    opening_scene: m.sandbox_action_opening,
    copy_token: m.shell_action_copy_token,
    copy_secret: m.shell_action_copy_secret,
    copy_client_id: m.shell_action_copy_client_id,
    call: m.shell_action_call,
    rename: m.shell_action_rename,
    labels: m.shell_action_labels,
    refresh: m.shell_action_refresh,
    delete: m.shell_action_delete,
    undo: m.shell_action_undo,
    next_pane: m.shell_action_next_pane,
    go_applications: go('applications'),
    go_configurations: go('configurations'),
    go_console: go('console'),
    go_sessions: go('sessions'),
    go_activity: go('activity'),
    go_sandbox: go('sandbox'),
  };
  return names[action]({}, locale ? { locale } : {});
}
