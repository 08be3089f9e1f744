/** Where a text was matched: from a place up to but not including another. */
export type Range = [from: number, to: number];

export type Match = { distance: number; ranges: Range[] };

/** What something is called in the language in use, and in English where it has such a name; either can be typed. */
export type Name = { text: string; english?: string | undefined };

const INSIDE = 5;
const SCATTERED = 3;
const JUMP = 3;
/** Less than one step of a distance: an English name comes after an equally near name that is on show. */
const IN_ENGLISH = 0.5;

/** The place begins a part: the first letter, or one after a sign. Scripts without spaces have a part at each letter. */
function begins(text: string, at: number): boolean {
  const before = text[at - 1];
  return before === undefined || (text.codePointAt(at) ?? 0) > 127 || !/[\p{L}\p{N}]/u.test(before);
}

/** Neighbouring places as one range. */
function joined(places: number[]): Range[] {
  const ranges: Range[] = [];
  for (const at of places) {
    const last = ranges.at(-1);
    if (last?.[1] === at) last[1] = at + 1;
    else ranges.push([at, at + 1]);
  }
  return ranges;
}

/** One word in a text, both in lower case; the core orders names by the same rules. */
function matchWord(word: string, text: string): Match | undefined {
  const at = text.indexOf(word);
  if (at >= 0) {
    const ranges: Range[] = [[at, at + word.length]];
    if (at === 0) return { distance: word.length === text.length ? 0 : 1, ranges };
    // A word may stand inside first and at the beginning of a part later.
    for (let next = at; next >= 0; next = text.indexOf(word, next + 1)) {
      if (begins(text, next)) return { distance: 2, ranges: [[next, next + word.length]] };
    }
    return { distance: INSIDE, ranges };
  }
  type Way = { cost: number; places: number[] };
  let ways: (Way | undefined)[] = [];
  for (let number = 0; number < word.length; number += 1) {
    const before = ways;
    ways = [];
    let cheapest: Way | undefined;
    for (let place = 0; place < text.length; place += 1) {
      if (text[place] === word[number]) {
        const start = begins(text, place);
        const previous = place > 0 ? before[place - 1] : undefined;
        const jumped = cheapest && { cost: cheapest.cost + (start ? 1 : JUMP), places: cheapest.places };
        let best: Way | undefined = previous && jumped && jumped.cost < previous.cost ? jumped : (previous ?? jumped);
        if (number === 0) best = start ? { cost: 0, places: [] } : undefined;
        if (best) ways[place] = { cost: best.cost, places: [...best.places, place] };
      }
      const here = before[place];
      if (here && (!cheapest || here.cost < cheapest.cost)) cheapest = here;
    }
  }
  let found: Way | undefined;
  for (const way of ways) if (way && (!found || way.cost < found.cost)) found = way;
  if (!found || found.cost > JUMP + Math.floor(word.length / 2)) return undefined;
  return { distance: SCATTERED + found.cost, ranges: joined(found.places) };
}

export const wordsOf = (text: string): string[] => text.toLocaleLowerCase().split(/\s+/).filter(Boolean);

/** How near all words come to a text; nothing when one of them is not in it. */
export function match(words: string[], text: string): Match | undefined {
  const lower = text.toLocaleLowerCase();
  let distance = 0;
  const places = new Set<number>();
  for (const word of words) {
    const found = matchWord(word, lower);
    if (!found) return undefined;
    distance += found.distance;
    for (const [from, to] of found.ranges) for (let at = from; at < to; at += 1) places.add(at);
  }
  return { distance, ranges: joined([...places].sort((a, b) => a - b)) };
}

/** A name matched by its text, otherwise by its English name, which is a little farther and has no ranges to highlight. */
export function matchNamed(words: string[], name: Name): Match | undefined {
  const own = match(words, name.text);
  if (own || name.english === undefined) return own;
  const english = match(words, name.english);
  return english && { distance: english.distance + IN_ENGLISH, ranges: [] };
}

/** The text cut at the ranges; every second part is a matched one. */
export function parts(text: string, ranges: Range[]): string[] {
  const cut: string[] = [];
  let from = 0;
  for (const [start, end] of ranges) {
    cut.push(text.slice(from, start), text.slice(start, end));
    from = end;
  }
  cut.push(text.slice(from));
  return cut;
}
