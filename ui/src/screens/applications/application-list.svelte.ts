import { tick } from 'svelte';
import {
  call,
  commands,
  failureOf,
  type ApplicationPage,
  type ApplicationQuery,
  type ApplicationSummary,
  type ErrorView,
} from '$lib/ipc';
import { focusIsFree } from '$lib/next-focus';
import { place } from '$lib/state/place.svelte';
import { Filters } from './filters.svelte';

const FIRST_ROWS = 60;
/** Rows whose order stays while the screen is open: the first page of the list. */
const STEADY = 50;

type Rows = { enter: () => void; focus: () => void };

/** What was used just now must not jump away under the pointer: the order stays until the list is another one. */
function steady(answer: ApplicationPage, before: ApplicationPage): ApplicationPage {
  const at = new Map(before.items.slice(0, STEADY).map((item, index) => [item.id, index]));
  const begin = answer.items.slice(0, STEADY);
  // A pin is an order of the user's own.
  const rank = (item: ApplicationSummary): number => (item.pinned ? -STEADY : 0) + (at.get(item.id) ?? STEADY);
  begin.sort((one, other) => rank(one) - rank(other));
  return { ...answer, items: [...begin, ...answer.items.slice(STEADY)] };
}

/** The rows that the filters leave, as a list and as a table. */
export class ApplicationList {
  filters = new Filters();
  page = $state.raw<ApplicationPage>();
  /** Counts the answers: the rows are read again after each. */
  version = $state(0);
  error = $state.raw<ErrorView>();
  /** Several chosen rows; none while one is open. */
  several = $state.raw<ApplicationSummary[]>([]);
  /** What draws the rows. */
  rows: Rows | undefined = $state();
  // The position of each row seen so far, for "3 of 10,284".
  #positions = $state.raw(new Map<string, number>());
  selected = $derived(place.get('applications.id'));
  position = $derived(this.selected === undefined ? undefined : this.#positions.get(this.selected));
  query = $derived(this.filters.query(0, FIRST_ROWS));
  /** Nothing is in the vault, rather than nothing found. */
  empty = $derived(this.page?.counts.all === 0 && !this.filters.narrowed);

  /** Ends when the newest query has been answered. */
  #looking: Promise<void> = Promise.resolve();
  #asked = 0;
  /** The query whose answer is on show. */
  #shown = '';
  /** Where the chosen row stood; the one after it takes its place when it is deleted. */
  #stood = 0;

  constructor() {
    // Known before the row is gone: the list is read after that.
    $effect(() => {
      if (this.position !== undefined) this.#stood = this.position;
    });
  }

  read(): void {
    this.#looking = this.#first(this.query);
  }

  /** Down and Enter in the search: to the first hit, once what was typed has been looked for. */
  async toFirst(): Promise<void> {
    this.filters.settle();
    await tick();
    await this.#looking;
    await tick();
    this.rows?.enter();
  }

  load = async (offset: number, limit: number): Promise<ApplicationSummary[]> => {
    const held = this.page?.items ?? [];
    if (offset + limit <= held.length || held.length === this.page?.total) return held.slice(offset, offset + limit);
    const turn = this.#asked;
    const answer = await call(commands.applicationsPage({ ...this.query, offset, limit }));
    if (turn === this.#asked) this.#remember(answer.items, offset);
    return answer.items;
  };

  #remember(items: ApplicationSummary[], offset: number): void {
    const next = new Map(this.#positions);
    items.forEach((item, index) => next.set(item.id, offset + index));
    this.#positions = next;
  }

  async #first(wish: ApplicationQuery): Promise<void> {
    const turn = ++this.#asked;
    try {
      const answer = await call(commands.applicationsPage(wish));
      if (turn !== this.#asked) return;
      const same = this.#shown === JSON.stringify(wish);
      this.#shown = JSON.stringify(wish);
      // A new application is looked for at the top.
      const held = same && wish.sort === 'recently_used' && this.page && this.page.total >= answer.total;
      this.page = held && this.page ? steady(answer, this.page) : answer;
      if (!same) this.several = [];
      else if (this.several.length > 0) {
        const fresh = new Map(answer.items.map((item) => [item.id, item]));
        this.several = this.several.map((one) => fresh.get(one.id) ?? one);
      }
      this.#positions = new Map();
      this.#remember(this.page.items, 0);
      this.error = undefined;
      this.version += 1;
      await this.#follow(this.page, same, wish);
    } catch (failure) {
      if (turn === this.#asked) this.error = failureOf(failure).view;
    }
  }

  /** The detail follows the search, and the row after a deleted one is next. */
  async #follow(page: ApplicationPage, same: boolean, wish: ApplicationQuery): Promise<void> {
    const next = page.items[Math.min(same ? this.#stood : 0, page.items.length - 1)];
    const all = page.total <= page.items.length;
    const lost = !same && wish.text !== '' && all && !page.items.some((item) => item.id === this.selected);
    if (!next || (this.selected !== undefined && !lost)) return;
    place.set('applications.id', next.id);
    await tick();
    if (focusIsFree()) this.rows?.focus();
  }
}
