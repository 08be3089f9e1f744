import type { Component } from 'svelte';
import CornerDownLeft from '@lucide/svelte/icons/corner-down-left';
import Plug from '@lucide/svelte/icons/plug';
import { match, matchNamed, wordsOf, type Match, type Name, type Range } from '$lib/fuzzy';
import { call, commands, type ApplicationSummary } from '$lib/ipc';
import * as m from '$lib/messages';
import { ACTION_NAMES, caps, keysOf, type Action } from '$lib/shortcuts';
import { place, SCREENS, type Screen } from '$lib/state/place.svelte';
import { prefs } from '$lib/state/prefs.svelte';
import {
  recentTasks,
  rememberTask,
  runTask,
  TASK_VIEWS,
  taskLabel,
  TASKS,
  type Task,
  type TaskGroup,
} from '../applications/tasks';
import { actionName, icons, screenName } from './names';

export type Line = {
  id: string;
  /** The application that an action is for: "orders-batch › Copy token". */
  object?: { text: string; ranges: Range[] } | undefined;
  text: string;
  ranges: Range[];
  note?: string | undefined;
  /** End of a live token, shown as a clock. */
  clock?: number | undefined;
  keys?: string | undefined;
  icon: Component;
  danger?: boolean | undefined;
  /** What Tab opens. */
  target?: ApplicationSummary | undefined;
  run: (stay: boolean) => void;
};

export type Group = { title: string; lines: Line[] };

const APPLICATIONS = 6;
const CONFIGURATIONS = 4;
const ACTIONS = 6;
/** Applications whose actions are offered for a word that is an action. */
const OBJECTS = 3;
/** A word that is nearer than this is taken for an action. */
const LIKE_ACTION = 7;

// These are what the palette is, are places or actions on an application, which it lists, or mean a control on show.
const LEFT_OUT: Action[] = [
  'palette',
  'settings',
  'next_pane',
  'search',
  'submit',
  'copy_token',
  'copy_secret',
  'copy_client_id',
  'call',
  'rename',
  'labels',
  'delete',
];

const byDistance = <T extends { found: Match }>(lines: T[]): T[] =>
  lines.sort((a, b) => a.found.distance - b.found.distance);

/** English names can be typed in every language. */
const nameOfTask = (task: Task, target: Pick<ApplicationSummary, 'pinned'>): Name => ({
  text: taskLabel(task, target),
  english: taskLabel(task, target, 'en'),
});
const nameOfScreen = (screen: Screen): Name => ({ text: screenName(screen), english: screenName(screen, 'en') });
const nameOfAction = (action: Action): Name => ({ text: actionName(action), english: actionName(action, 'en') });

function matching<T>(items: readonly T[], words: string[], name: (item: T) => Name): { item: T; found: Match }[] {
  const found = items.flatMap((item) => {
    const one = matchNamed(words, name(item));
    return one ? [{ item, found: one }] : [];
  });
  return words.length > 0 ? byDistance(found) : found;
}

/** A task as a line, after the name of the application unless the whole list is about that. */
function taskLine(task: Task, target: ApplicationSummary, ranges: Range[], object?: Range[]): Line {
  const view = TASK_VIEWS[task];
  const live = task === 'copy_token' || task === 'copy_curl';
  return {
    id: `task-${task}-${target.id}`,
    object: object ? { text: target.name, ranges: object } : undefined,
    text: taskLabel(task, target),
    ranges,
    clock: live ? (target.token_expires_at ?? undefined) : undefined,
    note: live && target.token_expires_at === null ? m.palette_fetches() : undefined,
    keys: view.action && caps(keysOf(view.action, prefs.value.shortcuts)),
    icon: view.icon,
    danger: view.danger,
    target,
    run: (stay) => {
      rememberTask(task);
      void runTask(task, target, stay);
    },
  };
}

const applicationLine = (target: ApplicationSummary, words: string[]): Line => ({
  id: `application-${target.id}`,
  text: target.name,
  ranges: match(words, target.name)?.ranges ?? [],
  note: target.config,
  icon: icons.applications,
  target,
  run: () => place.go('applications', { id: target.id }),
});

/** What can be done with one application; the last used first while nothing is typed. */
export function tasksOf(target: ApplicationSummary, text: string): Group[] {
  const words = wordsOf(text);
  const lines = (tasks: readonly Task[]): Line[] =>
    matching(tasks, words, (task) => nameOfTask(task, target)).map(({ item, found }) =>
      taskLine(item, target, found.ranges),
    );
  const recent = words.length === 0 ? recentTasks().slice(0, 3) : [];
  const rest = TASKS.filter((task) => !recent.includes(task));
  const of = (group: TaskGroup): Line[] => lines(rest.filter((task) => TASK_VIEWS[task].group === group));
  if (words.length > 0) return filled([{ title: m.palette_group_actions(), lines: lines(TASKS) }]);
  return filled([
    { title: m.palette_group_recent(), lines: lines(recent) },
    { title: m.palette_group_token(), lines: of('token') },
    { title: m.palette_group_secret(), lines: of('secret') },
    { title: m.palette_group_application(), lines: of('application') },
  ]);
}

const filled = (groups: Group[]): Group[] => groups.filter((group) => group.lines.length > 0);

const near = (words: string[], limit: number): Promise<ApplicationSummary[]> =>
  call(commands.applicationsFind(words.join(' '), limit));

async function chosen(recent: ApplicationSummary[]): Promise<ApplicationSummary | undefined> {
  const id = place.get('applications.id');
  if (id === undefined) return undefined;
  const known = recent.find((one) => one.id === id);
  if (known) return known;
  try {
    const app = await call(commands.applicationGet(id));
    const [found] = (await near([app.name.toLocaleLowerCase()], 4)).filter((one) => one.id === id);
    return found;
  } catch {
    // Deleted since it was chosen.
    return undefined;
  }
}

async function configurations(words: string[]): Promise<Line[]> {
  if (words.length === 0) return [];
  const all = await call(commands.configurationsList());
  return matching(all, words, (one) => ({ text: one.name }))
    .slice(0, CONFIGURATIONS)
    .map(({ item, found }) => ({
      id: `configuration-${item.id}`,
      text: item.name,
      ranges: found.ranges,
      icon: Plug,
      run: () => place.go('configurations', { id: item.id }),
    }));
}

function everywhere(words: string[], run: (action: Action) => void): Line[] {
  const places = matching(SCREENS, words, nameOfScreen).map(({ item, found }) => {
    const go = ACTION_NAMES.find((action) => action === `go_${item}`) ?? (item === 'settings' ? 'settings' : undefined);
    return {
      found,
      line: {
        id: `place-${item}`,
        text: screenName(item),
        ranges: found.ranges,
        keys: go && caps(keysOf(go, prefs.value.shortcuts)),
        icon: icons[item],
        run: () => place.go(item),
      } satisfies Line,
    };
  });
  const names = ACTION_NAMES.filter((action) => !action.startsWith('go_') && !LEFT_OUT.includes(action));
  const actions = matching(names, words, nameOfAction).map(({ item, found }) => ({
    found,
    line: {
      id: `action-${item}`,
      text: actionName(item),
      ranges: found.ranges,
      keys: caps(keysOf(item, prefs.value.shortcuts)),
      icon: CornerDownLeft,
      run: () => run(item),
    } satisfies Line,
  }));
  const all = words.length > 0 ? byDistance([...places, ...actions]) : [...actions, ...places];
  return all.map(({ line }) => line);
}

/** An address that was typed or pasted is connected to. */
function addressLine(text: string): Line[] {
  const address = text.trim();
  if (!/^https?:\/\/[^\s/]/i.test(address)) return [];
  return [
    {
      id: 'connect-address',
      text: m.connect_to({ address }),
      ranges: [],
      icon: icons.connect,
      run: () => place.go('connect', { address }),
    },
  ];
}

/** Actions on applications: those that the words name, else what is done most with the application that they name. */
function acts(
  words: string[],
  named: ApplicationSummary[],
  objects: ApplicationSummary[],
  actionWords: string[],
): Line[] {
  if (actionWords.length === 0) {
    const [first] = named;
    const usual = [...recentTasks(), 'copy_token', 'fetch', 'call'] as const;
    if (!first) return [];
    const ranges = match(words, first.name)?.ranges ?? [];
    return [...new Set(usual)].slice(0, OBJECTS).map((task) => taskLine(task, first, [], ranges));
  }
  const nameWords = words.filter((word) => !actionWords.includes(word));
  const each = objects.map((target) =>
    matching(TASKS, actionWords, (task) => nameOfTask(task, target)).map(({ item, found }) => {
      const ranges = match(nameWords, target.name)?.ranges ?? [];
      return { found, line: taskLine(item, target, found.ranges, ranges) };
    }),
  );
  return each
    .flatMap((lines, index) => lines.slice(0, index === 0 ? ACTIONS : OBJECTS))
    .slice(0, ACTIONS + OBJECTS)
    .map(({ line }) => line);
}

/** What the palette shows for a text; with no text the chosen application and those used last. */
export async function find(text: string, run: (action: Action) => void): Promise<Group[]> {
  const words = wordsOf(text);
  const recent = await near([], APPLICATIONS);
  const current = await chosen(recent);
  if (words.length === 0) {
    const tasks = [...new Set([...recentTasks(), ...(['copy_token', 'fetch', 'call', 'copy_secret'] as const)])].slice(
      0,
      4,
    );
    return filled([
      { title: m.palette_group_chosen(), lines: current ? tasks.map((task) => taskLine(task, current, [], [])) : [] },
      { title: m.shell_group_recent(), lines: recent.map((one) => applicationLine(one, [])) },
      { title: m.palette_group_everywhere(), lines: everywhere([], run) },
    ]);
  }
  const isAction = (word: string): boolean =>
    TASKS.some((task) => (matchNamed([word], nameOfTask(task, { pinned: false }))?.distance ?? Infinity) < LIKE_ACTION);
  const actionWords = words.filter(isAction);
  const nameWords = words.filter((word) => !actionWords.includes(word));
  const [named, connected, objects] = await Promise.all([
    near(words, APPLICATIONS),
    configurations(words),
    nameWords.length > 0 ? near(nameWords, OBJECTS) : [],
  ]);
  const others = recent.filter((one) => one.id !== current?.id);
  const meant = nameWords.length > 0 ? objects : [...(current ? [current] : []), ...others].slice(0, OBJECTS);
  const applications = named.length > 0 ? named : objects;
  const doing = { title: m.palette_group_actions(), lines: acts(words, named, meant, actionWords) };
  const opening = {
    title: m.shell_group_applications(),
    lines: applications.map((one) => applicationLine(one, words)),
  };
  // A name alone is opened by Enter; an action is done only where it was typed.
  const groups = filled([
    ...(actionWords.length > 0 ? [doing, opening] : [opening, doing]),
    { title: m.shell_group_configurations(), lines: connected },
    { title: m.palette_group_everywhere(), lines: [...addressLine(text), ...everywhere(words, run)] },
  ]);
  if (groups.length > 0) return groups;
  // Nothing is made because a word was not found: what there is, is named.
  const page = await call(
    commands.applicationsPage({
      text: words.join(' '),
      configuration_id: null,
      health: null,
      expiring: false,
      label: null,
      unused_days: null,
      token_live: false,
      sort: 'recently_used',
      offset: 0,
      limit: 1,
    }),
  );
  const nearest = page.nearest === null ? [] : await near([page.nearest.toLocaleLowerCase()], OBJECTS);
  return filled([{ title: m.palette_nearest({ text }), lines: nearest.map((one) => applicationLine(one, [])) }]);
}
