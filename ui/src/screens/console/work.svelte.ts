import {
  Failure,
  call,
  commands,
  type ApplicationSummary,
  type CallAuth,
  type CallInput,
  type CallView,
  type CompareView,
  type ErrorView,
  type HeaderView,
} from '$lib/ipc';
import { keepDraft, keptDraft, textOf } from '$lib/state/drafts';
import { toasts } from '$lib/state/toasts.svelte';
import { vault } from '$lib/state/vault.svelte';
import { addressOf, type Pasted } from './curl';
import { keepable, pastCalls, sameCall, withCall, withoutCredentials, type PastCall } from './past-calls';

export const WAYS: readonly CallAuth[] = ['client-credentials', 'bearer', 'session'];
export const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS'] as const;
/** Methods whose requests may carry a body. */
const WITH_BODY = new Set(['POST', 'PUT', 'PATCH', 'DELETE']);

const HISTORY = 'console.history';
const MS = 1000;

/** What one way answered last: an answer or the reason why there is none. */
export type Outcome = { answer: CallView; error: null } | { answer: null; error: ErrorView };
export type Chosen = Pick<ApplicationSummary, 'id' | 'name' | 'provider'>;

/** State of the console; kept while other screens are open. */
class Work {
  application = $state<Chosen | undefined>();
  method = $state<string>('GET');
  url = $state('');
  auth = $state<CallAuth>('client-credentials');
  headers = $state<HeaderView[]>([]);
  body = $state('');
  results = $state<Partial<Record<CallAuth, Outcome>>>({});
  compared = $state<CompareView | undefined>();
  shown = $state<CallAuth | undefined>();
  busy = $state<'send' | 'compare' | undefined>();
  /** The address that was filled in for the user; one that was typed is never replaced. */
  private filled = $state('');
  /** The call that the answers on show are for. */
  private asked = '';
  /** Counts applications and locks; an answer that comes too late is dropped. */
  private turn = 0;

  get takesBody(): boolean {
    return WITH_BODY.has(this.method);
  }

  get ready(): boolean {
    return this.application !== undefined && addressOf(this.url) !== undefined && this.busy === undefined;
  }

  /** Calls of the application, the last one first. */
  past = $derived(pastCalls(this.application && keptDraft(HISTORY)?.[this.application.id]));
  /** Their addresses. */
  addresses = $derived([...new Set(this.past.map((one) => one.url))]);

  /** Fills the form with a call that was made. */
  recall({ method, url, auth, headers, body }: PastCall): void {
    this.paste({ method, url, headers, body });
    this.auth = auth;
  }

  /** Keeps a call among the saved ones, or ends that. */
  keep(past: PastCall, saved: boolean): void {
    this.note(this.past.map((one) => (sameCall(one, past) ? { ...one, saved } : one)));
  }

  private note(past: PastCall[]): void {
    if (this.application) keepDraft(HISTORY, { ...keptDraft(HISTORY), [this.application.id]: past });
  }

  /** Writes down how a call ended. */
  private ended(input: CallInput, status: number | null): void {
    const call = this.pastOf(input);
    this.note(this.past.map((one) => (sameCall(one, call) ? { ...one, status } : one)));
  }

  private pastOf(input: CallInput): PastCall {
    return keepable({
      method: input.method,
      url: input.url,
      auth: input.auth,
      headers: input.headers,
      body: input.body ?? '',
      at: Math.floor(Date.now() / MS),
      status: null,
      saved: false,
    });
  }

  /** Takes over a request from elsewhere. */
  paste({ method, url, headers, body }: Pasted): void {
    this.method = METHODS.find((one) => one === method) ?? 'GET';
    this.url = url;
    this.headers = headers;
    this.body = body;
  }

  /** Notes a call, and drops the answers to another one: they would be read as answers to this. */
  private begin(input: CallInput): void {
    const asked = `${input.method} ${input.url}`;
    if (this.asked !== asked) this.results = {};
    this.asked = asked;
    this.note(withCall(this.past, this.pastOf(input)));
  }

  choose(application: Chosen): void {
    if (this.application?.id === application.id) return;
    this.application = application;
    this.clear();
  }

  /** Offers an address, unless the user has written one. */
  offer(url: string): void {
    if (this.url !== '' && this.url !== this.filled) return;
    this.url = url;
    this.filled = url;
  }

  /** As it is typed, to be kept; what a header carries as a credential is not, it must not come back unasked. */
  get typed(): Record<string, unknown> {
    const { method, url, auth, body, filled } = this;
    const headers = withoutCredentials(this.headers);
    return { method, url, auth, body, filled, headers };
  }

  /** Goes on with what was kept. */
  take(kept: Record<string, unknown>): void {
    this.method = METHODS.find((one) => one === kept['method']) ?? 'GET';
    this.auth = WAYS.find((one) => one === kept['auth']) ?? 'client-credentials';
    this.url = textOf(kept['url']);
    this.filled = textOf(kept['filled']);
    this.body = textOf(kept['body']);
    const headers: unknown = kept['headers'];
    const rows = Array.isArray(headers) ? (headers as Partial<HeaderView>[]) : [];
    this.headers = rows.map((row) => ({ name: textOf(row.name), value: textOf(row.value) }));
  }

  clear(): void {
    this.turn += 1;
    this.results = {};
    this.compared = undefined;
    this.shown = undefined;
    this.busy = undefined;
  }

  /** Nothing of an answer stays in memory behind a locked vault. */
  wipe(): void {
    this.clear();
    this.application = undefined;
    this.headers = [];
    this.body = '';
    this.url = '';
    this.filled = '';
  }

  async send(auth: CallAuth = this.auth): Promise<boolean> {
    const input = this.input(auth);
    if (!input || this.busy) return false;
    const turn = this.turn;
    this.begin(input);
    this.busy = 'send';
    try {
      const answer = await call(commands.callSend(input));
      if (turn !== this.turn) return false;
      this.results[auth] = { answer, error: null };
      this.ended(input, answer.status);
    } catch (error) {
      if (turn !== this.turn) return false;
      if (!(error instanceof Failure)) {
        toasts.fail(error);
        return false;
      }
      this.results[auth] = { answer: null, error: error.view };
    } finally {
      if (turn === this.turn) this.busy = undefined;
    }
    this.compared = undefined;
    this.shown = auth;
    return this.results[auth]?.answer != null;
  }

  async compare(): Promise<void> {
    const input = this.input(this.auth);
    if (!input || this.busy) return;
    const turn = this.turn;
    this.begin(input);
    this.busy = 'compare';
    try {
      const view = await call(commands.callCompare(input));
      if (turn !== this.turn) return;
      for (const one of view.results) {
        if (one.answer) this.results[one.auth] = { answer: one.answer, error: null };
        else if (one.error) this.results[one.auth] = { answer: null, error: one.error };
      }
      this.compared = view;
      this.ended(input, view.results.find((one) => one.auth === input.auth)?.answer?.status ?? null);
      this.shown = view.results[0]?.auth;
    } catch (error) {
      if (turn === this.turn) toasts.fail(error);
    } finally {
      if (turn === this.turn) this.busy = undefined;
    }
  }

  /** A new session by a bearer call, then the same call with its cookie. */
  async renew(): Promise<void> {
    if (await this.send('bearer')) await this.send('session');
  }

  private input(auth: CallAuth): CallInput | undefined {
    const url = addressOf(this.url);
    if (!this.application || url === undefined) return undefined;
    this.url = url;
    return {
      application_id: this.application.id,
      method: this.method,
      url,
      headers: this.headers.filter((h) => h.name.trim() !== '').map((h) => ({ name: h.name.trim(), value: h.value })),
      body: this.takesBody && this.body !== '' ? this.body : null,
      auth,
      // Those of the application.
      resources: [],
    };
  }
}

export const work = new Work();

$effect.root(() => {
  $effect(() => {
    if (vault.status?.state !== 'unlocked') work.wipe();
  });
});
