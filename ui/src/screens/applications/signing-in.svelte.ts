import { SvelteMap } from 'svelte/reactivity';
import {
  call,
  commands,
  events,
  failureOf,
  type ErrorView,
  type PasteProblem,
  type SignInOptions,
  type SignInStepView,
  type TokenView,
  type TokenWish,
} from '$lib/ipc';
import { now } from '$lib/state/clock.svelte';
import { place } from '$lib/state/place.svelte';

type Step<K extends SignInStepView['kind']> = Extract<SignInStepView, { kind: K }>;

/** A sign-in that waits for a user. */
export type SignInFlow = {
  /** Unix seconds. */
  begun: number;
  open?: Step<'open'>;
  code?: Step<'code'>;
  asked?: Step<'asked'>;
  /** How often the server asked to be asked less often. */
  slowed: number;
  ignored: number;
  /** Why the last pasted line is not the answer. */
  refused?: PasteProblem;
  answered: boolean;
  /** When the user was sent away, in Unix seconds. */
  since: number;
};

/** Why a sign-in brought no token, and what it was begun with. */
export type SignInFailure = { view: ErrorView; wish: TokenWish };

/** The token, and whether a user was asked for it. */
export type SignInOutcome = { token: TokenView | undefined; asked: boolean };

export const USUAL: SignInOptions = {
  again: false,
  accept_unlisted_pkce: false,
  paste_only: false,
  without_resource: false,
};

/** Nobody came back from the browser: a server may have shown there what it refuses. */
export const timedOut = (view: ErrorView | undefined): boolean => view?.code === 'sign_in_timed_out';

/** Under this key the place keeps which application waits: a lock or the end of the program interrupts it. */
const WAITING = 'applications.signing_in';

/** The sign-ins under way; they go on while another screen is open. */
class SigningIn {
  #flows = new SvelteMap<string, SignInFlow>();
  #failures = new SvelteMap<string, SignInFailure>();
  #wanted = new SvelteMap<string, true>();
  #runs = new Map<string, Promise<unknown>>();
  #listening: Promise<unknown> | undefined;

  of(application: string): SignInFlow | undefined {
    return this.#flows.get(application);
  }

  failure(application: string): SignInFailure | undefined {
    return this.#failures.get(application);
  }

  /** Another screen asks for a sign-in, which the Tokens tab then begins. */
  want(application: string): void {
    this.#wanted.set(application, true);
  }

  takeWanted(application: string): boolean {
    return this.#wanted.delete(application);
  }

  /** A sign-in of this application waited when the vault was locked or the program ended. */
  interrupted(application: string): boolean {
    return place.get(WAITING) === application && !this.#flows.has(application);
  }

  /** Takes away what the last sign-in left on the screen. */
  dismiss(application: string): void {
    this.#failures.delete(application);
    if (place.get(WAITING) === application) place.set(WAITING, undefined);
  }

  /** Somebody is waited for; a refresh token asks nobody. */
  waits(application: string): boolean {
    const flow = this.#flows.get(application);
    return flow?.open !== undefined || flow?.code !== undefined;
  }

  /** Lets a user sign in. No token where it failed or was cancelled. */
  async run(wish: TokenWish, options: SignInOptions): Promise<SignInOutcome> {
    const run = this.#run(wish, options);
    this.#runs.set(wish.application_id, run);
    return run;
  }

  /** Waits for the end of the one that runs. */
  async ended(application: string): Promise<void> {
    await this.#runs.get(application);
  }

  async #run(wish: TokenWish, options: SignInOptions): Promise<SignInOutcome> {
    const id = wish.application_id;
    this.dismiss(id);
    const flow: SignInFlow = { begun: now.secs, slowed: 0, ignored: 0, answered: false, since: now.secs };
    this.#flows.set(id, flow);
    try {
      await this.#listen();
      const token = (await call(commands.signIn(wish, options))) ?? undefined;
      return { token, asked: this.waits(id) };
    } catch (error) {
      const asked = this.waits(id);
      this.#failures.set(id, { view: failureOf(error).view, wish });
      return { token: undefined, asked };
    } finally {
      this.#flows.delete(id);
      if (place.get(WAITING) === id) place.set(WAITING, undefined);
    }
  }

  async cancel(application: string): Promise<void> {
    await call(commands.signInCancel(application));
  }

  async #listen(): Promise<void> {
    this.#listening ??= events.signInStepEvent.listen(({ payload }) =>
      this.#take(payload.application_id, payload.step),
    );
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  #take(id: string, step: SignInStepView): void {
    const flow = this.#flows.get(id);
    if (flow) this.#flows.set(id, after(flow, step, now.secs));
    if (step.kind === 'open' || step.kind === 'code') place.set(WAITING, id);
  }
}

/** A flow after one more step. */
export function after(flow: SignInFlow, step: SignInStepView, at: number): SignInFlow {
  switch (step.kind) {
    case 'open':
      return { ...flow, open: step, since: at };
    case 'code':
      return { ...flow, code: step, since: at };
    case 'asked':
      return { ...flow, asked: step, slowed: flow.slowed + (step.slower ? 1 : 0) };
    case 'paste_refused':
      return { ...flow, refused: step.why };
    case 'ignored':
      return { ...flow, ignored: flow.ignored + 1 };
    case 'answered':
      return { ...flow, answered: true };
  }
}

export const signingIn = new SigningIn();
