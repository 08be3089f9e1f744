import { hmac } from '@noble/hashes/hmac.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex, utf8ToBytes } from '@noble/hashes/utils.js';

type Kind = 'client' | 'host' | 'guid';

const FORMS: Record<Kind, (digits: string) => string> = {
  client: (digits) => `demo-client-${digits}`,
  // RFC 2606 keeps this name for examples.
  host: (digits) => `host-${digits}.example`,
  guid: (digits) => `00000000-0000-4000-8000-${digits.padStart(12, '0')}`,
};

const SHORTEST = 4;
const LONGEST = 12;

const STAND_IN = /demo-client-[0-9a-f]{4,12}|host-[0-9a-f]{4,12}\.example|00000000-0000-4000-8000-[0-9a-f]{12}/g;
/** The host of an address, plain, or as it stands in JSON or inside another address. */
const HOST = /\b(https?(?::\\?\/\\?\/|%3A%2F%2F)(?:[^\s/@"'<>]*@)?)(\[[0-9a-f:.]+\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)/giu;
/** Tenants and objects of a provider; version 7 is left out, these are our own ids and never shown. */
const GUID = /\b[0-9a-f]{8}-[0-9a-f]{4}-[1-68][0-9a-f]{3}-[0-9a-f]{4}-[0-9a-f]{12}\b/gi;
const WHOLE_GUID = new RegExp(`^${GUID.source}$`, 'i');
/** A client ID inside a body: JSON, a form, an address. */
const CLIENT_ID = /"client_id"\s*:\s*"([^"\\]+)"|\bclient_id=([^&\s"]+)/g;

/** Members that hold a host without an address around it; cookies write a dot before theirs. */
const HOST_MEMBERS = new Set(['host', 'domain', 'hosts', 'unconfirmed_hosts']);
const BARE_HOST = /^(\.?)(\[[0-9a-f:.]+\]|[\p{L}\p{N}-]+(?:\.[\p{L}\p{N}-]+)*)(:\d+)?$/iu;

const LOOPBACK = /^(?:localhost|.*\.localhost|127(?:\.\d{1,3}){3}|\[::1\])$/i;

/** An ID that may be looked for inside other text; a short word there means something else. */
const distinct = (id: string): boolean => id.length >= 16 || (id.length >= 6 && /\d/.test(id));

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

/** The same shape with each text replaced. */
function mapped<T>(value: T, text: (found: string, member: string | undefined) => string, member?: string): T {
  if (typeof value === 'string') return text(value, member) as T;
  if (Array.isArray(value)) return value.map((one: unknown) => mapped(one, text, member)) as T;
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, one]: [string, unknown]) => [name, mapped(one, text, name)]),
  ) as T;
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
  #known: RegExp | undefined;

  /** What only this vault has, and the stand-ins are made with; null for none. */
  set key(key: string | null) {
    this.#key = key === null ? undefined : utf8ToBytes(key);
    this.#byName.clear();
    this.#byStandIn.clear();
    this.#known = undefined;
  }

  get on(): boolean {
    return this.#key !== undefined;
  }

  /** What the core sent, with stand-ins. */
  hide<T>(value: T): T {
    if (!this.on) return value;
    mapped(value, (text, member) => {
      this.#learn(text, member);
      return text;
    });
    return mapped(value, (text, member) => this.#hidden(text, member));
  }

  /** What a page sends, with the real names. */
  real<T>(value: T): T {
    if (!this.on) return value;
    return mapped(value, (text) => text.replace(STAND_IN, (found) => this.#byStandIn.get(found) ?? found));
  }

  #learn(text: string, member: string | undefined): void {
    if (member === 'client_id' && text) this.#take('client', text);
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
    const same = kind === 'client' ? name : name.toLowerCase();
    if (key === undefined || this.#byStandIn.has(name)) return;
    const had = this.#byName.get(same);
    // What turns out to be the ID of a client is shown as one from then on.
    if (had !== undefined && (kind !== 'client' || had.startsWith(FORMS.client('')))) return;
    const digits = bytesToHex(hmac(sha256, key, utf8ToBytes(`${kind}:${same}`)));
    // Two names with the same first digits get longer ones.
    for (let length = SHORTEST; length <= LONGEST; length += 2) {
      const standIn = FORMS[kind](digits.slice(0, length));
      if (this.#byStandIn.has(standIn)) continue;
      this.#byName.set(same, standIn);
      this.#byStandIn.set(standIn, name);
      break;
    }
    this.#known = undefined;
  }

  #hidden(text: string, member: string | undefined): string {
    const whole = member === 'client_id' ? this.#byName.get(text) : undefined;
    if (whole !== undefined) return whole;
    const bare = bareHost(text, member);
    if (bare) return bare.before + (this.#byName.get(bare.host.toLowerCase()) ?? bare.host) + bare.port;
    const known = (name: string): string => this.#byName.get(name) ?? this.#byName.get(name.toLowerCase()) ?? name;
    return text
      .replace(HOST, (_, before: string, host: string) => before + known(host))
      .replace(this.#pattern(), (found) => known(decoded(found)));
  }

  /** All names that are known, the longest first, where they are not a part of a longer one. */
  #pattern(): RegExp {
    if (this.#known) return this.#known;
    const names = [...this.#byName.keys()].filter((name) => WHOLE_GUID.test(name) || name.includes('.') || distinct(name));
    const forms = names.flatMap((name) => [...new Set([name, encodeURIComponent(name)])]);
    forms.sort((one, other) => other.length - one.length);
    const any = forms.length > 0 ? forms.map(escaped).join('|') : '(?!)';
    this.#known = new RegExp(String.raw`(?:(?<![\p{L}\p{N}_.-])|(?<=%2F|%40|%3D|%20))(?:${any})(?![\p{L}\p{N}_-]|\.[\p{L}\p{N}])`, 'giu');
    return this.#known;
  }
}

export const standIns = new StandIns();
