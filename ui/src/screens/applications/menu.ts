import type { MenuItem } from '$lib/components/Menu.svelte';
import type { ApplicationSummary } from '$lib/ipc';
import { caps, keysOf } from '$lib/shortcuts';
import { prefs } from '$lib/state/prefs.svelte';
import { runTask, TASK_VIEWS, taskLabel, type Task } from './tasks';

const GROUPS: Task[][] = [
  ['copy_token', 'copy_curl', 'copy_secret', 'copy_client_id'],
  ['fetch', 'call', 'compare', 'story'],
  ['pin', 'labels', 'rename'],
  ['rotate', 'delete'],
];

/** The context menu of an application. */
export function menuOf(target: ApplicationSummary): MenuItem[][] {
  return GROUPS.map((tasks) =>
    tasks.map((task) => {
      const { icon, action, danger } = TASK_VIEWS[task];
      return {
        id: task,
        label: taskLabel(task, target),
        icon,
        keys: action && caps(keysOf(action, prefs.value.shortcuts)),
        danger,
        run: () => void runTask(task, target),
      };
    }),
  );
}
