import type { ConfigurationInput, ConfigurationView, FormField, PrefillView } from '$lib/ipc';

/** Setting that the addresses of a tenant fill in beside the issuer. */
const TOKEN_ENDPOINT = 'token_endpoint';

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
  /** The addresses that the tenant says; what is typed differs from them and is left alone. */
  #proposed: PrefillView | undefined;

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

  /** The vault holds this secret already. */
  holds(key: string): boolean {
    return this.#saved?.secret_keys.includes(key) ?? false;
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

  /** Remembers what the tenant of the saved configuration says, without changing anything. */
  know(proposal: PrefillView | null): void {
    this.#proposed = proposal ?? undefined;
  }

  /** Fills the addresses in, unless the user typed others. */
  propose(proposal: PrefillView | null): void {
    const before = this.#proposed;
    const open = (value: string, was: string | undefined): boolean => value === '' || value === was;
    if (open(this.issuer, before?.issuer)) this.issuer = proposal?.issuer ?? '';
    const endpoint = this.values[TOKEN_ENDPOINT];
    if (endpoint !== undefined && open(endpoint, before?.token_endpoint)) {
      this.values[TOKEN_ENDPOINT] = proposal?.token_endpoint ?? '';
    }
    this.know(proposal);
  }

  /** Fills settings in that somebody else wrote down, as a preset does; all others stay. */
  fill(settings: Record<string, string>): void {
    for (const [key, value] of Object.entries(settings)) {
      if (this.values[key] !== undefined) this.values[key] = value;
    }
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
