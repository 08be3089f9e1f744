import { call, commands } from '$lib/ipc';
import * as m from '$lib/messages';
import { sandbox } from '$lib/state/sandbox.svelte';
import { sceneClock } from '$lib/state/scene-clock.svelte';
import { toasts } from '$lib/state/toasts.svelte';
import { NONE } from './dials';

/** Back to the opening scene: no clock runs and no fault is on, of any provider. What was registered stays. */
export async function openingScene(): Promise<void> {
  sceneClock.stop();
  try {
    for (const one of sandbox.personalities.filter(({ faults_on }) => faults_on > 0)) {
      await call(commands.sandboxSetFaults(one.name, NONE));
    }
    await sandbox.refresh();
    toasts.show({ text: m.sandbox_opened() });
  } catch (error) {
    toasts.fail(error);
  }
}
