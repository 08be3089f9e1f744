import { place } from '$lib/state/place.svelte';
import type { Filter, Kept } from './filters.svelte';
import type { ApplicationSort } from '$lib/ipc';

export type SavedView = { name: string; kept: Kept };

const KEY = 'applications.views';
/** A longer menu is harder to read than the filters themselves. */
const MOST = 20;
const NAME_CHARS = 60;
const FILTERS: Filter[] = ['all', 'rejected', 'expiring'];
const SORTS: ApplicationSort[] = ['recently_used', 'name', 'created', 'expiry'];

const text = (value: unknown): string => (typeof value === 'string' ? value : '');

/** A view as it was kept; what is unknown in it, perhaps of a newer version, narrows nothing. */
function view(value: unknown): SavedView | undefined {
  if (value === null || typeof value !== 'object') return undefined;
  const { name, kept } = value as { name?: unknown; kept?: Record<string, unknown> };
  if (typeof name !== 'string' || name === '' || kept === null || typeof kept !== 'object') return undefined;
  return {
    name,
    kept: {
      text: text(kept['text']),
      filter: FILTERS.find((one) => one === kept['filter']) ?? 'all',
      sort: SORTS.find((one) => one === kept['sort']) ?? 'recently_used',
      configurationId: text(kept['configurationId']),
      label: text(kept['label']),
      unusedDays: typeof kept['unusedDays'] === 'number' ? kept['unusedDays'] : 0,
      tokenLive: kept['tokenLive'] === true,
    },
  };
}

export function readViews(kept: string | undefined): SavedView[] {
  try {
    const all: unknown = JSON.parse(kept ?? '[]');
    return Array.isArray(all) ? all.map(view).filter((one) => one !== undefined) : [];
  } catch {
    return [];
  }
}

/** The views, kept in the vault with the place of the window. */
export const savedViews = (): SavedView[] => readViews(place.get(KEY));

/** With a view under a name, in the place of one that had it. */
export function withView(all: SavedView[], name: string, kept: Kept): SavedView[] {
  const short = [...name.trim()].slice(0, NAME_CHARS).join('');
  if (short === '') return all;
  const rest = all.filter((one) => one.name !== short);
  return [...rest, { name: short, kept }].slice(-MOST);
}

/** Written when it returns: the window may be closed at once. */
export async function keepViews(all: SavedView[]): Promise<void> {
  place.set(KEY, all.length > 0 ? JSON.stringify(all) : undefined);
  await place.flush();
}
