import type { ApplicationView, Draft, RefusedPart, RegisterOptions } from '$lib/ipc';
import { PRIVATE_KEY_JWT } from '../applications/key-algorithms';
import { textOf, textsOf } from '$lib/state/drafts';
import { withoutMembers } from './repair';

const words = (text: string): string[] => text.split(/[\s,]+/).filter(Boolean);

export const DEVICE = 'urn:ietf:params:oauth:grant-type:device_code';
/** Other names that servers have for a grant. */
const NAMES: Record<string, string> = { device_code: DEVICE, device_authorization: DEVICE };
export const REFRESH = 'refresh_token';

/** Grants that begin with a user. */
export const ofUsers = (grant: string): boolean => grant === 'authorization_code' || grant === DEVICE;

/** What is typed on the Register screen. */
export class DraftForm {
  configuration = $state('');
  name = $state('');
  grants = $state<string[]>([]);
  method = $state('');
  /** Signature of assertions, for a client with a key. */
  algorithm = $state('');
  redirects = $state<string[]>([]);
  scope = $state('');
  audience = $state('');
  resource = $state('');
  labels = $state('');
  json = $state('');
  ttl = $state('');
  /** Tokens are bound to a key (RFC 9449). */
  dpop = $state(false);
  /** Id and name of the application that is registered again; empty otherwise. */
  replaces = $state<string[]>([]);

  value: Draft = $derived({
    configuration_id: this.configuration,
    name: this.name.trim(),
    grant_types: [...this.grants],
    token_endpoint_auth_method: this.method || null,
    ...(this.method === PRIVATE_KEY_JWT && this.algorithm ? { signing_alg: this.algorithm } : {}),
    ...(this.dpop ? { dpop_bound: true } : {}),
    redirect_uris: this.redirects.map((uri) => uri.trim()).filter(Boolean),
    scopes: words(this.scope),
    audience: this.audience.trim() || null,
    resources: words(this.resource),
    metadata_json: this.json.trim() || null,
    labels: this.labels
      .split(',')
      .map((label) => label.trim())
      .filter(Boolean),
    ttl_secs: this.ttl ? Number(this.ttl) : null,
  });

  /** As it is typed, to be kept. */
  get typed(): Record<string, string | string[]> {
    const {
      configuration,
      name,
      grants,
      method,
      algorithm,
      redirects,
      scope,
      audience,
      resource,
      labels,
      json,
      ttl,
      dpop,
      replaces,
    } = this;
    return {
      configuration,
      name,
      grants: [...grants],
      method,
      algorithm,
      redirects: [...redirects],
      scope,
      audience,
      resource,
      labels,
      json,
      ttl,
      dpop: dpop ? 'yes' : '',
      replaces: [...replaces],
    };
  }

  /** Goes on with what was kept, as far as it is offered still. */
  take(kept: Record<string, unknown>, options: RegisterOptions): void {
    const grants = textsOf(kept['grants']);
    this.grants = options.grant_types
      .filter((one) => one.offered && grants.includes(one.value))
      .map((one) => one.value);
    if (options.auth_methods.some((one) => one.offered && one.value === kept['method']))
      this.method = textOf(kept['method']);
    this.redirects = textsOf(kept['redirects']);
    this.replaces = textsOf(kept['replaces']);
    this.dpop = kept['dpop'] === 'yes';
    for (const field of ['algorithm', 'name', 'scope', 'audience', 'resource', 'labels', 'json', 'ttl'] as const)
      this[field] = textOf(kept[field]);
  }

  /** The name is the one of the application that is registered again, which takes another name first. */
  get keepsName(): boolean {
    return this.replaces[1] !== undefined && this.replaces[1] === this.name.trim();
  }

  /** Something is entered in the folded fields. */
  get more(): boolean {
    return this.dpop || [this.audience, this.resource, this.labels, this.json, this.ttl].some((text) => text !== '');
  }

  get scopes(): string[] {
    return words(this.scope);
  }

  /** Takes out what a provider refused. */
  without({ field, values }: RefusedPart): void {
    const rest = (all: string[]): string[] => all.filter((one) => !values.includes(one.trim()));
    if (field === 'scopes') this.scope = rest(this.scopes).join(' ');
    else if (field === 'redirect_uris') this.redirects = rest(this.redirects);
    else if (field === 'grant_types') this.grants = rest(this.grants);
    else if (field === 'metadata_json') this.json = withoutMembers(this.json, values);
    else this.method = '';
  }

  grant(value: string, on: boolean): void {
    const rest = this.grants.filter((one) => one !== value);
    this.grants = on ? [...rest, value] : rest;
  }

  toggleScope(value: string): void {
    const held = this.scopes;
    this.scope = (held.includes(value) ? held.filter((one) => one !== value) : [...held, value]).join(' ');
  }

  /** What depends on the configuration starts again; name, labels and JSON stay. */
  offer(options: RegisterOptions): void {
    const offered = options.grant_types.filter((one) => one.offered);
    this.grants = offered.filter((one) => one.preselected).map((one) => one.value);
    this.method = options.auth_methods.find((one) => one.offered && one.preselected)?.value ?? '';
    this.redirects = [...options.redirect_uris];
  }

  /** Registers an application again: what was asked then is asked again, as far as it is offered. */
  again(app: ApplicationView, options: RegisterOptions): void {
    this.name = app.name;
    this.replaces = [app.id, app.name];
    this.labels = app.labels.join(', ');
    const asked = app.requested;
    if (asked === null || typeof asked !== 'object' || Array.isArray(asked)) return;
    const grants = textsOf(asked['grant_types']).map((name) => NAMES[name] ?? name);
    if (grants.length > 0) {
      this.grants = options.grant_types
        .filter((one) => one.offered && grants.includes(one.value))
        .map((one) => one.value);
    }
    this.dpop = asked['dpop_bound_access_tokens'] === true;
    const method = options.auth_methods.find((one) => one.offered && one.value === asked['token_endpoint_auth_method']);
    if (method) this.method = method.value;
    if (typeof asked['scope'] === 'string') this.scope = asked['scope'];
    if (asked['redirect_uris'] !== undefined) this.redirects = textsOf(asked['redirect_uris']);
  }
}
