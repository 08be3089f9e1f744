import type { Component } from 'svelte';
import CornerDownLeft from '@lucide/svelte/icons/corner-down-left';
import Plug from '@lucide/svelte/icons/plug';
import Plus from '@lucide/svelte/icons/plus';
import { call, commands } from '$lib/ipc';
import * as m from '$lib/messages';
import { ACTION_NAMES, caps, keysOf, type Action } from '$lib/shortcuts';
import { place, SCREENS } from '$lib/state/place.svelte';
import { prefs } from '$lib/state/prefs.svelte';
import { actionName, icons, screenName } from './names';

export type Line = {
  id: string;
  text: string;
  note?: string;
  keys?: string;
  icon: Component;
  run: () => void;
};

export type Group = { title: string; lines: Line[] };

const APPLICATIONS = 6;
const CONFIGURATIONS = 4;

// These are what the palette is, or are places that it lists already.
const LEFT_OUT: Action[] = ['palette', 'settings', 'next_pane', 'search', 'submit'];

const has = (text: string, part: string): boolean => text.toLocaleLowerCase().includes(part.toLocaleLowerCase());

async function applications(text: string): Promise<Line[]> {
  const page = await call(
    commands.applicationsPage({
      text,
      configuration_id: null,
      health: null,
      expiring: false,
      sort: 'recently_used',
      offset: 0,
      limit: APPLICATIONS,
    }),
  );
  return page.items.map((item) => ({
    id: `application-${item.id}`,
    text: item.name,
    note: item.config,
    icon: icons.applications,
    run: () => place.go('applications', { id: item.id }),
  }));
}

async function configurations(text: string): Promise<Line[]> {
  if (!text) return [];
  const all = await call(commands.configurationsList());
  return all
    .filter((one) => has(one.name, text))
    .slice(0, CONFIGURATIONS)
    .map((one) => ({
      id: `configuration-${one.id}`,
      text: one.name,
      icon: Plug,
      run: () => place.go('configurations', { id: one.id }),
    }));
}

function places(text: string): Line[] {
  return SCREENS.map((screen) => ({
    id: `place-${screen}`,
    text: screenName(screen),
    icon: icons[screen],
    run: () => place.go(screen),
  })).filter((line) => has(line.text, text));
}

function actions(text: string, run: (action: Action) => void): Line[] {
  return ACTION_NAMES.filter((action) => !action.startsWith('go_') && !LEFT_OUT.includes(action))
    .map((action) => ({
      id: `action-${action}`,
      text: actionName(action),
      keys: caps(keysOf(action, prefs.value.shortcuts)),
      icon: CornerDownLeft,
      run: () => run(action),
    }))
    .filter((line) => has(line.text, text));
}

/** What the palette shows for a text; with no text the things used last come first. */
export async function find(text: string, run: (action: Action) => void): Promise<Group[]> {
  const wanted = text.trim();
  const [found, connected] = await Promise.all([applications(wanted), configurations(wanted)]);
  const groups: Group[] = [
    { title: wanted ? m.shell_group_applications() : m.shell_group_recent(), lines: found },
    { title: m.shell_group_configurations(), lines: connected },
    { title: m.shell_group_places(), lines: wanted ? places(wanted) : [] },
    { title: m.shell_group_actions(), lines: wanted || found.length === 0 ? actions(wanted, run) : [] },
  ];
  const filled = groups.filter((group) => group.lines.length > 0);
  if (filled.length > 0 || !wanted) return filled;
  const register: Line = {
    id: 'register-named',
    text: m.shell_palette_register({ text: wanted }),
    icon: Plus,
    run: () => place.go('register', { name: wanted }),
  };
  return [{ title: m.shell_palette_none({ text: wanted }), lines: [register] }];
}
