import type { ApplicationQuery, ApplicationSort } from '$lib/ipc';

export type Filter = 'all' | 'rejected' | 'expiring';

/** A narrowing and an order. */
export type Kept = Pick<Filters, 'text' | 'filter' | 'sort' | 'configurationId' | 'label' | 'unusedDays' | 'tokenLive'>;

const TYPING_MS = 120;

/** What the list of applications is narrowed to, and its order. */
export class Filters {
  typed = $state('');
  text = $state('');
  filter = $state<Filter>('all');
  sort = $state<ApplicationSort>('recently_used');
  configurationId = $state('');
  label = $state('');
  unusedDays = $state(0);
  tokenLive = $state(false);
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Filters that only a closed fold shows. */
  folded = $derived([this.configurationId !== '', this.unusedDays > 0].filter(Boolean).length);
  narrowed = $derived(
    this.text !== '' || this.filter !== 'all' || this.label !== '' || this.tokenLive || this.folded > 0,
  );

  query(offset: number, limit: number): ApplicationQuery {
    return {
      text: this.text,
      configuration_id: this.configurationId || null,
      health: this.filter === 'rejected' ? 'rejected' : null,
      expiring: this.filter === 'expiring',
      label: this.label || null,
      unused_days: this.unusedDays || null,
      token_live: this.tokenLive,
      sort: this.sort,
      offset,
      limit,
    };
  }

  /** Something was typed: it is looked for after a pause. */
  type(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.text = this.typed.trim()), TYPING_MS);
  }

  /** What is typed is looked for at once. */
  settle(): void {
    clearTimeout(this.#timer);
    this.text = this.typed.trim();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  /** What is kept of it under a name. */
  get kept(): Kept {
    const { text, filter, sort, configurationId, label, unusedDays, tokenLive } = this;
    return { text, filter, sort, configurationId, label, unusedDays, tokenLive };
  }

  take(kept: Kept): void {
    this.stop();
    Object.assign(this, kept);
    this.typed = kept.text;
  }

  clear(): void {
    this.typed = this.text = this.configurationId = this.label = '';
    this.unusedDays = 0;
    this.tokenLive = false;
    this.filter = 'all';
  }
}
