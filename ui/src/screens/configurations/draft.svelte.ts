import type { ConfigurationInput, ConfigurationView, FormField } from '$lib/ipc';
import { textOf } from '$lib/state/drafts';

/** What follows from a tenant or a preset: the issuer, and settings by key. */
export type Proposal = { issuer: string; settings: Record<string, string> };

/** Where the place keeps what is typed. */
export const DRAFT = 'configurations.draft';
/** Stands for the id of one that is not saved yet. */
export const NEW = 'new';

/** What is typed into the form of one configuration, and how it differs from what the vault holds. */
export class Draft {
  name = $state('');
  issuer = $state('');
  /** Typed values, by the key of the field. */
  values = $state<Record<string, string>>({});
  /** Typed secrets, by the key of the field; an empty one stays as the vault has it. */
  secrets = $state<Record<string, string>>({});
  readonly provider: string;
  #saved = $state.raw<ConfigurationView>();
  #fields = $state.raw<FormField[]>([]);
  /** What was filled in for the user; what differs from it was typed and is left alone. */
  #proposed: Proposal | undefined;

  constructor(provider: string, saved: ConfigurationView | undefined, fields: FormField[]) {
    this.provider = provider;
    this.reset(saved, fields);
  }

  reset(saved: ConfigurationView | undefined, fields: FormField[]): void {
    this.#saved = saved;
    this.#fields = fields;
    this.name = saved?.name ?? '';
    this.issuer = saved?.issuer ?? '';
    this.values = {};
    this.secrets = {};
    for (const field of fields) {
      if (field.kind === 'secret') this.secrets[field.key] = '';
      else this.values[field.key] = this.#kept(field);
    }
  }

  get saved(): ConfigurationView | undefined {
    return this.#saved;
  }

  get dirty(): boolean {
    if (this.name !== (this.#saved?.name ?? '')) return true;
    if (this.issuer !== (this.#saved?.issuer ?? '')) return true;
    return this.#fields.some((field) =>
      field.kind === 'secret'
        ? (this.secrets[field.key] ?? '') !== ''
        : (this.values[field.key] ?? '') !== this.#kept(field),
    );
  }

  /** As it is typed, to be kept; secrets are not, they come back into no page. */
  get typed(): Record<string, unknown> {
    return { name: this.name, issuer: this.issuer, values: { ...this.values } };
  }

  /** Goes on with what was kept. */
  take(kept: Record<string, unknown>): void {
    this.name = textOf(kept['name']);
    this.issuer = textOf(kept['issuer']);
    const values = new Map(Object.entries(kept['values'] ?? {}));
    for (const field of this.#fields) {
      const typed: unknown = values.get(field.key);
      if (field.kind !== 'secret' && typeof typed === 'string') this.values[field.key] = typed;
    }
  }

  /** The vault holds this secret already. */
  holds(key: string): boolean {
    return this.#saved?.secret_keys.includes(key) ?? false;
  }

  /** The text of a field, by its key; undefined for a field that this form does not have. */
  typedIn(key: string): string | undefined {
    if (key === 'name') return this.name;
    if (key === 'issuer') return this.issuer;
    return this.values[key] ?? this.secrets[key];
  }

  /** Keys of what must be filled and is not; `name` and `issuer` stand for the two first fields. */
  missing(): string[] {
    const found: string[] = [];
    if (this.name.trim() === '') found.push('name');
    if (this.issuer.trim() === '') found.push('issuer');
    for (const field of this.#fields) {
      if (!field.required) continue;
      const typed = field.kind === 'secret' ? this.secrets[field.key] : this.values[field.key];
      const there = field.kind === 'secret' && this.holds(field.key);
      if (!there && (typed ?? '').trim() === '') found.push(field.key);
    }
    return found;
  }

  /** Settings that say where the tenant is, for the core to make addresses of. */
  get place(): Record<string, string> {
    const found: Record<string, string> = {};
    for (const field of this.#fields) {
      if (field.locates) found[field.key] = (this.values[field.key] ?? '').trim();
    }
    return found;
  }

  /** Remembers what follows for the saved configuration, without changing anything. */
  know(proposal: Proposal | undefined): void {
    this.#proposed = proposal;
  }

  /** Fills in what follows from a tenant or a preset. What the user typed stays. */
  propose(proposal: Proposal | undefined): void {
    const before = this.#proposed;
    if (this.issuer === '' || this.issuer === before?.issuer) this.issuer = proposal?.issuer ?? '';
    const usual = new Map(this.#fields.map((field) => [field.key, field.default ?? '']));
    for (const key of Object.keys({ ...before?.settings, ...proposal?.settings })) {
      const typed = this.values[key];
      if (typed === undefined) continue;
      const open = typed === '' || typed === usual.get(key) || typed === before?.settings[key];
      if (open) this.values[key] = proposal?.settings[key] ?? usual.get(key) ?? '';
    }
    this.#proposed = proposal;
  }

  /** What to send; settings without a field of their own stay as they are. */
  input(more: Record<string, string> = {}): ConfigurationInput {
    const settings: Record<string, string> = { ...this.#saved?.settings };
    for (const field of this.#fields) {
      if (field.kind === 'secret') continue;
      const typed = this.values[field.key] ?? '';
      const known = this.#saved?.settings[field.key] !== undefined;
      // A value that was never set and is the default needs no setting of its own.
      if (known || typed !== (field.default ?? '')) settings[field.key] = typed.trim();
    }
    const secrets: Record<string, string> = {};
    for (const [key, value] of Object.entries(this.secrets)) {
      if (value !== '') secrets[key] = value;
    }
    return {
      id: this.#saved?.id ?? null,
      name: this.name.trim(),
      provider: this.provider,
      issuer: this.issuer.trim(),
      settings: { ...settings, ...more },
      secrets,
    };
  }

  #kept(field: FormField): string {
    return this.#saved?.settings[field.key] ?? field.default ?? '';
  }
}
