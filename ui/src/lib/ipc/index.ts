import * as m from '$lib/messages';
import { standIns } from '$lib/stand-ins';
import { commands as bound, events as told, type ErrorView, type SignInStepEvent, type VerifyStepEvent } from './bindings';

export type * from './bindings';

type Command = (...values: unknown[]) => Promise<unknown>;

/** The commands of the core. Stand-ins of presenter mode are the real names again before they get there. */
export const commands = Object.fromEntries(
  Object.entries(bound).map(([name, run]) => [name, (...values: unknown[]) => (run as Command)(...standIns.real(values))]),
) as typeof bound;

/** What the core tells by itself. */
export const events = {
  ...told,
  verifyStepEvent: {
    listen: (then: (step: VerifyStepEvent) => void) =>
      told.verifyStepEvent.listen(({ payload }) => then(standIns.hide(payload))),
  },
  signInStepEvent: {
    // The address is copied as it is and not shown to an audience; the provider's own words are its host.
    listen: (then: (step: SignInStepEvent) => void) => told.signInStepEvent.listen(({ payload }) => then(payload)),
  },
};

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

/** Unwraps the answer of a command, with stand-ins in presenter mode; throws `Failure`. */
export async function call<T>(answer: Promise<Answer<T>>): Promise<T> {
  let settled: Answer<T>;
  try {
    settled = await answer;
  } catch (error) {
    throw failureOf(error);
  }
  if (settled.status === 'ok') return standIns.hide(settled.data);
  throw new Failure(standIns.hide(settled.error));
}
