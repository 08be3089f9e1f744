import * as m from '$lib/messages';
import { commands, events, type ErrorView } from './bindings';

export { commands, events };
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
