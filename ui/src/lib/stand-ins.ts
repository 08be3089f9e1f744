import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

type Kind = 'client' | 'host' | 'guid' | 'tenant' | 'app' | 'config';

const FORMS: Record<Kind, (digits: string) => string> = {
  client: (digits) => `demo-client-${digits}`,
  // RFC 2606 keeps this name for examples.
  host: (digits) => `host-${digits}.example`,
  tenant: (digits) => `demo-tenant-${digits}`,
  app: (digits) => `demo-app-${digits}`,
  config: (digits) => `demo-provider-${digits}`,
  guid: (digits) => `00000000-0000-4000-8000-${digits.padStart(12, '0')}`,
};

const SHORTEST = 4;
const LONGEST = 12;

const STAND_IN = /demo-(?:client|tenant|app|provider)-[0-9a-f]{4,12}|host-[0-9a-f]{4,12}\.example|00000000-0000-4000-8000-[0-9a-f]{12}/g;
/** The host of an address, plain, or as it stands in JSON or inside another address. */
const HOST = /\b(https?(?::\\?\/\\?\/|%3A%2F%2F)(?:[^\s/@"'<>]*@)?)(\[[0-9a-f:.]+\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/giu;
/** Tenants and objects of a provider; version 7 is left out, these are our own ids and never shown. */
const GUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-68][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
/** An id of ours (RFC 9562 version 7). */
const WHOLE_ID = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const WHOLE_GUID = new RegExp(`^${GUID.source}$`, 'i');
/** A client ID inside a body: JSON, a form, an address. */
const CLIENT_ID = /"client_id"\s*:\s*"([^"\\]+)"|\bclient_id=([^&\s"]+)/g;

/** The name that the user gave an application, as it is sent. */
const CLIENT_NAME = /("client_name"\s*:\s*")([^"\\]+)"/g;

/** Members whose whole text is a name. */
const NAME_MEMBERS = new Map<string, Kind>([
  ['client_id', 'client'],
  ['initial_client_id', 'client'],
  ['tenant', 'tenant'],
  ['subdomain', 'tenant'],
  ['application', 'app'],
  ['client_name', 'app'],
  ['removed_names', 'app'],
  ['added_names', 'app'],
  ['nearest', 'app'],
  ['config', 'config'],
]);
/** Tenants of Entra that are everyone's. */
const OPEN_TENANTS = new Set(['common', 'organizations', 'consumers']);
/** Members with sentences: an ordinary word there that is also a name means what has that name. */
const PROSE = new Set(['message', 'hint', 'sentence', 'text', 'detail', 'description', 'fix', 'reason', 'verify_problem', 'remains']);

/** Members that hold a host without an address around it; cookies write a dot before theirs. */
const HOST_MEMBERS = new Set(['host', 'domain', 'hosts', 'unconfirmed_hosts']);
const BARE_HOST = /^(\.?)(\[[0-9a-f:.]+\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)(:\d+)?$/iu;

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** An ID that may be looked for inside other text; a short word there means something else. */
const distinct = (id: string): boolean => id.length >= 16 || (id.length >= 6 && /\d/.test(id));

/** A name of the user's own that no word of the program is. */
const unusual = (name: string): boolean => name.length >= 6 && /[\d\s_-]/.test(name);

const escaped = (text: string): string => text.replace(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** The parts of a member that is a host and not this computer. */
function bareHost(text: string, member: string | undefined): { before: string; host: string; port: string } | undefined {
  if (member === undefined || !HOST_MEMBERS.has(member)) return undefined;
  const [, before = '', host = '', port = ''] = BARE_HOST.exec(text) ?? [];
  return host && !LOOPBACK.test(host) ? { before, host, port } : undefined;
}

type Owner = Record<string, unknown>;

/** The same shape with each text replaced; `owner` is the object that has the member. */
function mapped<T>(value: T, text: (found: string, member: string | undefined, owner: Owner) => string, member?: string, owner: Owner = {}): T {
  if (typeof value === 'string') return text(value, member, owner) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => mapped(one, text, member, owner)) as T;
  if (value === null || typeof value !== 'object') return value;
  const own = value as Owner;
  return Object.fromEntries(Object.entries(own).map(([name, one]) => [name, mapped(one, text, name, own)])) as T;
}

/** What a member names, where its whole text is a name. */
function kindOf(text: string, member: string | undefined, owner: Owner): Kind | undefined {
  if (member === undefined || text === '') return undefined;
  if (member === 'name') {
    if ('client_id' in owner) return 'app';
    return 'issuer' in owner && 'provider' in owner ? 'config' : undefined;
  }
  const kind = NAME_MEMBERS.get(member);
  // A member with an application names it, or holds its id.
  if (kind === 'app' && WHOLE_ID.test(text)) return undefined;
  return kind === 'tenant' && (OPEN_TENANTS.has(text) || WHOLE_GUID.test(text)) ? undefined : kind;
}

/**
 * Names of clients, hosts and tenants as an audience may see them. What comes from the core is replaced before a page
 * has it, and what a page sends is turned back, so that copying and saving work with the real ones. The same name has
 * the same stand-in, in every session on this vault.
 */
export class StandIns {
  #key: Uint8Array | undefined;
  #byName = new Map<string, string>();
  #byStandIn = new Map<string, string>();
  /** Names that the user typed, of each kind: two kinds may have the same one. */
  #typed = { tenant: new Map<string, string>(), app: new Map<string, string>(), config: new Map<string, string>() };
  #known: RegExp | undefined;
  #words: RegExp | undefined;

  /** What only this vault has, and the stand-ins are made with; null for none. */
  set key(key: string | null) {
    this.#key = key === null ? undefined : utf8ToBytes(key);
    this.#byName.clear();
    this.#byStandIn.clear();
    for (const names of Object.values(this.#typed)) names.clear();
    this.#known = this.#words = undefined;
  }

  get on(): boolean {
    return this.#key !== undefined;
  }

  /** What the core sent, with stand-ins. */
  hide<T>(value: T): T {
    if (!this.on) return value;
    mapped(value, (text, member, owner) => {
      this.#learn(text, member, owner);
      return text;
    });
    return mapped(value, (text, member, owner) => this.#hidden(text, member, owner));
  }

  /** What a page sends, with the real names. */
  real<T>(value: T): T {
    if (!this.on) return value;
    return mapped(value, (text) => text.replace(STAND_IN, (found) => this.#byStandIn.get(found) ?? found));
  }

  #learn(text: string, member: string | undefined, owner: Owner): void {
    const kind = kindOf(text, member, owner);
    if (kind !== undefined) this.#take(kind, text);
    for (const found of text.matchAll(CLIENT_NAME)) if (found[2]) this.#take('app', found[2]);
    for (const found of text.matchAll(CLIENT_ID)) {
      const id = found[1] ?? decoded(found[2] ?? '');
      if (id) this.#take('client', id);
    }
    for (const found of text.matchAll(HOST)) {
      const host = found[2] ?? '';
      if (!LOOPBACK.test(host)) this.#take('host', host);
    }
    const bare = bareHost(text, member);
    if (bare) this.#take('host', bare.host);
    for (const [guid] of text.matchAll(GUID)) this.#take('guid', guid);
  }

  #take(kind: Kind, name: string): void {
    const key = this.#key;
    const same = kind === 'host' || kind === 'guid' ? name.toLowerCase() : name;
    if (key === undefined || this.#byStandIn.has(name)) return;
    if (kind === 'tenant' || kind === 'app' || kind === 'config') {
      const names = this.#typed[kind];
      if (names.has(name)) return;
      const standIn = this.#standIn(kind, same, key);
      if (standIn === undefined) return;
      names.set(name, standIn);
      this.#byStandIn.set(standIn, name);
      this.#known = this.#words = undefined;
      return;
    }
    const had = this.#byName.get(same);
    // What turns out to be the ID of a client is shown as one from then on.
    if (had !== undefined && (kind !== 'client' || had.startsWith(FORMS.client('')))) return;
    const standIn = this.#standIn(kind, same, key);
    if (standIn === undefined) return;
    this.#byName.set(same, standIn);
    this.#byStandIn.set(standIn, name);
    this.#known = this.#words = undefined;
  }

  #standIn(kind: Kind, name: string, key: Uint8Array): string | undefined {
    const digits = bytesToHex(hmac(sha256, key, utf8ToBytes(`${kind}:${name}`)));
    // Two names with the same first digits get longer ones.
    for (let length = SHORTEST; length <= LONGEST; length += 2) {
      const standIn = FORMS[kind](digits.slice(0, length));
      if (!this.#byStandIn.has(standIn)) return standIn;
    }
    return undefined;
  }

  /** The stand-in of a name somewhere in a text. */
  #found(name: string): string | undefined {
    const { tenant, app, config } = this.#typed;
    return this.#byName.get(name) ?? this.#byName.get(name.toLowerCase()) ?? app.get(name) ?? config.get(name) ?? tenant.get(name);
  }

  #hidden(text: string, member: string | undefined, owner: Owner): string {
    const kind = kindOf(text, member, owner);
    if (kind !== undefined) {
      const whole = kind === 'tenant' || kind === 'app' || kind === 'config' ? this.#typed[kind].get(text) : this.#byName.get(text);
      if (whole !== undefined) return whole;
    }
    const bare = bareHost(text, member);
    if (bare) return bare.before + (this.#byName.get(bare.host.toLowerCase()) ?? bare.host) + bare.port;
    const known = (name: string): string => this.#found(name) ?? name;
    const names = member !== undefined && PROSE.has(member) ? this.#anyName() : this.#distinctName();
    return text
      .replace(CLIENT_NAME, (_, before: string, name: string) => `${before}${this.#typed.app.get(name) ?? name}"`)
      .replace(HOST, (_, before: string, host: string) => before + known(host))
      .replace(names, (found) => known(decoded(found)));
  }

  /** All names that cannot be ordinary words. */
  #distinctName(): RegExp {
    const names = [...this.#byName.keys()].filter((name) => WHOLE_GUID.test(name) || name.includes('.') || distinct(name));
    return (this.#known ??= anyOf([...names, ...this.#typedNames().filter(unusual)]));
  }

  /** All names, for a sentence. */
  #anyName(): RegExp {
    const names = [...this.#byName.keys()].filter((name) => WHOLE_GUID.test(name) || name.includes('.') || distinct(name));
    return (this.#words ??= anyOf([...names, ...this.#typedNames()]));
  }

  #typedNames(): string[] {
    return Object.values(this.#typed).flatMap((names) => [...names.keys()]);
  }
}

/** Finds any of the names, the longest first, where they are not a part of a longer one. */
function anyOf(names: string[]): RegExp {
  const forms = names.flatMap((name) => [...new Set([name, encodeURIComponent(name)])]);
  forms.sort((one, other) => other.length - one.length);
  const any = forms.length > 0 ? forms.map(escaped).join('|') : '(?!)';
  return new RegExp(String.raw`(?:(?<![\p{L}\p{N}_.-])|(?<=%2F|%40|%3D|%20))(?:${any})(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`, 'giu');
}

export const standIns = new StandIns();
