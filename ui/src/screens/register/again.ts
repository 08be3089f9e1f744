import { call, commands, failureOf } from '$lib/ipc';

/** Names that are tried for the older application. */
const TRIES = 20;

/** An application that took another name, so that its own is free. */
export type Moved = { back: () => Promise<void> };

/** Renames the application that is registered again to `NAME-old`, or the next such name that is free. */
export async function moveAway([id, name]: string[]): Promise<Moved | undefined> {
  if (id === undefined || name === undefined) return undefined;
  for (let number = 1; ; number += 1) {
    try {
      await call(commands.applicationRename(id, number === 1 ? `${name}-old` : `${name}-old-${number}`));
      break;
    } catch (failure) {
      if (failureOf(failure).view.code !== 'name_taken' || number === TRIES) throw failure;
    }
  }
  return {
    back: async () => {
      await call(commands.applicationRename(id, name));
    },
  };
}
