/** Rows read from the core at once. */
export const PAGE = 50;

// Rows drawn above and below what is seen, so that a quick wheel shows no gap.
const OVERSCAN = 6;

export type Range = { first: number; end: number };

/** The rows to draw: `first` up to but not including `end`. */
export function windowOf(top: number, height: number, rowHeight: number, total: number): Range {
  const first = Math.min(Math.max(0, Math.floor(top / rowHeight) - OVERSCAN), Math.max(0, total - 1));
  const end = Math.min(total, Math.ceil((top + height) / rowHeight) + OVERSCAN);
  return { first, end: Math.max(first, end) };
}

/** The pages that hold these rows. */
export function pagesFor(first: number, end: number): number[] {
  if (end <= first) return [];
  const pages: number[] = [];
  for (let page = Math.floor(first / PAGE); page <= Math.floor((end - 1) / PAGE); page += 1) pages.push(page);
  return pages;
}

/** Where a key leads in a list; nothing for other keys. */
export function step(key: string, from: number, total: number, perScreen: number): number | undefined {
  const last = Math.max(0, total - 1);
  switch (key) {
    case 'ArrowDown':
      return Math.min(last, from + 1);
    case 'ArrowUp':
      return Math.max(0, from - 1);
    case 'PageDown':
      return Math.min(last, from + perScreen);
    case 'PageUp':
      return Math.max(0, from - perScreen);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}
