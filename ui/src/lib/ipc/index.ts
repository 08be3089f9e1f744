import * as m from '$lib/messages';
import type { ErrorView } from './bindings';

// In presenter mode, values come with pseudonyms and may be sent back with them: the core knows the real names.
export { commands, events } from './bindings';
export type * from './bindings';

/** An error of the core, with everything the page may show about it. */
export class Failure extends Error {
  readonly view: ErrorView;

  constructor(view: ErrorView) {
    super(view.message);
    this.name = 'Failure';
    this.view = view;
  }
}

/** Any thrown thing as something to show; what is not from the core names itself. */
export function failureOf(error: unknown): Failure {
  if (error instanceof Failure) return error;
  const reason = error instanceof Error ? error.message : String(error);
  return new Failure({
    code: 'window_failed',
    message: m.common_unexpected({ reason }),
    hint: null,
    status: null,
    provider: null,
    exchange: null,
    cause: null,
    field: null,
    instead: null,
    interrupted: false,
  });
}

type Answer<T> = { status: 'ok'; data: T } | { status: 'error'; error: ErrorView };

/** Unwraps the answer of a command; throws `Failure`. */
export async function call<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (error) {
    throw failureOf(error);
  }
  if (settled.status === 'ok') return settled.data;
  throw new Failure(settled.error);
}
