import {
  call,
  commands,
  failureOf,
  type ConnectLook,
  type ConnectPrepared,
  type ErrorView,
  type ResourceAnswer,
  type SignInOptions,
  type TokenView,
} from '$lib/ipc';
import { vault } from '$lib/state/vault.svelte';
import { signingIn, USUAL } from '../applications/signing-in.svelte';

export type StepName = 'prepare' | 'token' | 'call';
export type StepState = 'waiting' | 'running' | 'done' | 'failed';

const ORDER: StepName[] = ['prepare', 'token', 'call'];

const given = (text: string): string | null => text.trim() || null;

/** One connection at a time, from the address to the answer of the resource. It goes on while another screen is open. */
class Connecting {
  address = $state('');
  /** Of a client that was registered by hand. */
  clientId = $state('');
  clientSecret = $state('');
  /** PEM or JWK, for `private_key_jwt`. */
  clientKey = $state('');
  /** Address of a client ID metadata document. */
  document = $state('');
  /** Of a server whose certificate this computer does not trust. */
  authority = $state('');
  /** As the metadata says where empty. */
  grant = $state('');
  scopes = $state('');
  name = $state('');
  /** Of several that the resource names. */
  issuer = $state('');

  look = $state.raw<ConnectLook>();
  looking = $state(false);
  lookError = $state.raw<ErrorView>();

  /** The step that runs, or that failed. */
  at = $state<StepName>();
  busy = $state(false);
  finished = $state(false);
  cancelled = $state(false);
  error = $state.raw<ErrorView>();
  prepared = $state.raw<ConnectPrepared>();
  token = $state.raw<TokenView>();
  /** Null: an issuer was connected to, and there is nothing to call. */
  answer = $state.raw<ResourceAnswer | null>();

  /** What was looked at; another text means that the sheet is not of it. */
  #looked = '';
  #turn = 0;
  #run: Promise<void> | undefined;

  /** What is typed differs from what the sheet was made for. */
  get stale(): boolean {
    return this.look !== undefined && this.#looked !== this.#typed();
  }

  /** Something was begun or done with the sheet on show. */
  get begun(): boolean {
    return this.at !== undefined;
  }

  state(step: StepName): StepState {
    const done = { prepare: this.prepared, token: this.token, call: this.answer }[step] !== undefined;
    if (done) return 'done';
    if (this.at !== step) return 'waiting';
    return this.busy ? 'running' : 'failed';
  }

  #typed(): string {
    const { address, clientId, clientSecret, clientKey, document, authority, grant, scopes, name, issuer } = this;
    return [address, clientId, clientSecret, clientKey, document, authority, grant, scopes, name, issuer]
      .map((text) => text.trim())
      .join('\n');
  }

  /** Begins with another address; what belongs to the one before is forgotten. */
  start(address: string): void {
    this.reset();
    this.address = address;
  }

  reset(): void {
    this.#turn += 1;
    this.address = this.clientId = this.clientSecret = this.clientKey = this.document = this.authority = '';
    this.grant = this.scopes = this.name = this.issuer = '';
    this.#forget();
    this.looking = false;
  }

  #forget(): void {
    this.look = this.prepared = this.token = this.answer = undefined;
    this.lookError = this.error = undefined;
    this.at = undefined;
    this.finished = this.cancelled = false;
  }

  async find(): Promise<void> {
    if (this.looking || this.busy || this.address.trim() === '') return;
    const turn = ++this.#turn;
    this.#forget();
    this.looking = true;
    const typed = this.#typed();
    try {
      const found = await call(
        commands.connectLook({
          address: this.address.trim(),
          issuer: given(this.issuer),
          grant: given(this.grant),
          scopes: this.scopes.split(/[\s,]+/).filter(Boolean),
          name: given(this.name),
          client_id: given(this.clientId),
          client_secret: this.clientSecret || null,
          client_key: given(this.clientKey),
          document: given(this.document),
          ca_pem: given(this.authority),
        }),
      );
      if (turn !== this.#turn) return;
      this.#looked = typed;
      this.look = found;
    } catch (failure) {
      if (turn === this.#turn) this.lookError = failureOf(failure).view;
    } finally {
      if (turn === this.#turn) this.looking = false;
    }
  }

  /** Does what the sheet says, or goes on with the step that failed. */
  async connect(options: SignInOptions = USUAL): Promise<void> {
    const { look } = this;
    if (!look || this.busy || this.finished || this.stale) return;
    this.busy = true;
    this.#run = this.#steps(look, options);
    await this.#run;
  }

  /** Waits for the end of what runs. */
  async ended(): Promise<void> {
    await this.#run;
  }

  async #steps(look: ConnectLook, options: SignInOptions): Promise<void> {
    this.error = undefined;
    this.cancelled = false;
    try {
      this.at = 'prepare';
      this.prepared ??= await call(commands.connectPrepare(look.number));
      this.at = 'token';
      this.token ??= await this.#getToken(this.prepared, options);
      if (!this.token) return;
      this.at = 'call';
      this.answer = await call(commands.connectCall(look.number, this.prepared.wish));
      this.finished = true;
      // It is in the vault now.
      this.clientSecret = '';
    } catch (failure) {
      this.error = failureOf(failure).view;
    } finally {
      this.busy = false;
      vault.touch();
    }
  }

  /** Gets a token with the scope that the resource asks for, and calls it again. */
  async widen(scope: string): Promise<void> {
    if (this.busy || !this.prepared) return;
    const { wish } = this.prepared;
    this.prepared = { ...this.prepared, wish: { ...wish, scope } };
    this.token = this.answer = undefined;
    this.finished = false;
    await this.connect({ ...USUAL, again: true });
  }

  async #getToken({ wish, sign_in: asks }: ConnectPrepared, options: SignInOptions): Promise<TokenView | undefined> {
    if (!asks) return call(commands.tokenGet(wish));
    const id = wish.application_id;
    const { token } = await signingIn.run(wish, options);
    if (token) return token;
    this.error = signingIn.failure(id)?.view;
    this.cancelled = this.error === undefined;
    // It is shown here, and not once more at the application.
    signingIn.dismiss(id);
    return undefined;
  }
}

export const connecting = new Connecting();
export const STEPS = ORDER;
