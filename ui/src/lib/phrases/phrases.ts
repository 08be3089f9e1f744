import { model } from './model';

/** A line may break here; without any width. */
export const BREAK = '\u200b';

/** The features of BudouX: group, and the letters it looks at, counted from the place in question. */
const FEATURES: [group: string, from: number, to: number][] = [
  ['UW1', -3, -2],
  ['UW2', -2, -1],
  ['UW3', -1, 0],
  ['UW4', 0, 1],
  ['UW5', 1, 2],
  ['UW6', 2, 3],
  ['BW1', -2, 0],
  ['BW2', -1, 1],
  ['BW3', 0, 2],
  ['TW1', -3, 0],
  ['TW2', -2, 1],
  ['TW3', -1, 2],
  ['TW4', 0, 3],
];

const weights = FEATURES.map(([group, from, to]) => ({ from, to, of: new Map(Object.entries(model[group] ?? {})) }));

const BASE =
  -0.5 *
  Object.values(model)
    .flatMap(Object.values<number>)
    .reduce((sum, weight) => sum + weight, 0);

/** Kana and kanji: a text without them is left as it is. */
export const JAPANESE = /[ぁ-ゖァ-ヺ一-龯々]/;

const CLOSES = /[、。，．・：；！？」』）】〉》]/;
const OPENS = /[「『（【〈《]/;
const ASCII = /[!-~]/;
/** What cannot begin a line. */
const FOLLOWS = /[、。，．・：；！？」』）】〉》ーぁぃぅぇぉっゃゅょァィゥェォッャュョ…]/;

function boundary(text: string, at: number): boolean {
  const before = text[at - 1] ?? '';
  const after = text[at] ?? '';
  if (before.trim() === '' || after.trim() === '') return false;
  if (FOLLOWS.test(after) || OPENS.test(before)) return false;
  if (CLOSES.test(before) || OPENS.test(after)) return true;
  // An identifier stays in one piece, and so does a number with its unit.
  if (ASCII.test(before) && ASCII.test(after)) return false;
  if (/\d/.test(before)) return false;
  const score = weights.reduce((sum, { from, to, of }) => {
    return sum + (of.get(text.slice(Math.max(0, at + from), Math.max(0, at + to))) ?? 0);
  }, BASE);
  return score > 0;
}

/** A compound over this many letters does not fit a column of labels: it may break between its words. */
const COMPOUND = 10;
/** Fewest letters of a word of a compound on a line of its own. */
const ALONE = 3;
/** A label: a phrase of a sentence has letters of hiragana, too, and is never put into a narrow column. */
const NOUNS = /^[ァ-ヺー一-龯々]+$/;
const KANJI = /[一-龯々]/;
const KATAKANA = /[ァ-ヺ]/;
/** Words of katakana at the end of a compound; nothing but their meaning tells them from what is before them. */
const HEADS = [
  'エンドポイント',
  'シークレット',
  'メタデータ',
  'トークン',
  'プロバイダー',
  'サーバー',
  'ディレクトリー',
];

/** The words of a long compound, such as クライアント設定 and エンドポイント. */
function compound(phrase: string): string[] {
  if (phrase.length <= COMPOUND || !NOUNS.test(phrase)) return [phrase];
  const words: string[] = [];
  let begin = 0;
  for (let at = ALONE; at <= phrase.length - ALONE; at += 1) {
    const turns = KANJI.test(phrase[at - 1] ?? '') && KATAKANA.test(phrase[at] ?? '');
    if (at - begin < ALONE || !(turns || HEADS.some((head) => phrase.startsWith(head, at)))) continue;
    words.push(phrase.slice(begin, at));
    begin = at;
  }
  return [...words, phrase.slice(begin)];
}

/** The phrases of a text; joined they are the text. A last one under three letters stays with the one before. */
export function phrases(text: string): string[] {
  const all: string[] = [];
  let begin = 0;
  for (let at = 1; at < text.length; at += 1) {
    if (!boundary(text, at)) continue;
    all.push(text.slice(begin, at));
    begin = at;
  }
  const last = text.slice(begin);
  const previous = all.at(-1);
  if (previous !== undefined && last.length < 3) all[all.length - 1] = previous + last;
  else all.push(last);
  return all.flatMap(compound);
}

export const without = (text: string): string => text.replaceAll(BREAK, '');

/** The text with a place to break after each phrase. */
export const withBreaks = (text: string): string => (JAPANESE.test(text) ? phrases(without(text)).join(BREAK) : text);
