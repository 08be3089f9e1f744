import type { HeaderView } from '$lib/ipc';

export type Pasted = { method: string; url: string; headers: HeaderView[]; body: string };

/** Headers that the way of authenticating sends by itself. */
const OWNED = new Set(['authorization', 'cookie', 'host']);
const WITH_VALUE = new Set([
  '-X',
  '--request',
  '-H',
  '--header',
  '-d',
  '--data',
  '--data-raw',
  '--data-binary',
  '--data-ascii',
  '--json',
  '--url',
  '-A',
  '--user-agent',
  '-e',
  '--referer',
  '-u',
  '--user',
  '-b',
  '--cookie',
  '-o',
  '--output',
  '--connect-timeout',
  '-m',
  '--max-time',
  '-x',
  '--proxy',
]);

/** Words of a command as a shell of POSIX reads them: quotes, `$'…'`, backslashes and lines that go on. */
export function shellWords(text: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  for (let at = 0; at < text.length; at += 1) {
    const c = text[at] ?? '';
    if (c === "'" || (c === '$' && text[at + 1] === "'")) {
      const ansi = c === '$';
      if (ansi) at += 1;
      word ??= '';
      for (at += 1; at < text.length && text[at] !== "'"; at += 1) {
        if (ansi && text[at] === '\\') {
          at += 1;
          word += { n: '\n', t: '\t', r: '\r' }[text[at] ?? ''] ?? text[at] ?? '';
        } else word += text[at] ?? '';
      }
    } else if (c === '"') {
      word ??= '';
      for (at += 1; at < text.length && text[at] !== '"'; at += 1) {
        if (text[at] === '\\' && '"\\$`\n'.includes(text[at + 1] ?? ' ')) at += 1;
        if (text[at] !== '\n' || text[at - 1] !== '\\') word += text[at] ?? '';
      }
    } else if (c === '\\') {
      at += 1;
      if (text[at] !== '\n' && text[at] !== '\r') word = (word ?? '') + (text[at] ?? '');
      else if (text[at] === '\r' && text[at + 1] === '\n') at += 1;
    } else if (/\s/.test(c)) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + c;
  }
  if (word !== undefined) words.push(word);
  return words;
}

/** A cURL command as the fields of the console; its credentials are left out, the chosen application has its own. */
export function parseCurl(text: string): Pasted | undefined {
  const [program, ...words] = shellWords(text.trim());
  if (program !== 'curl' && program !== 'curl.exe') return undefined;
  let method = '';
  let url = '';
  let json = false;
  const data: string[] = [];
  const headers: HeaderView[] = [];
  const option = (name: string, value: string): void => {
    if (name === '-X' || name === '--request') method = value.toUpperCase();
    else if (name === '--url') url = value;
    else if (name === '-H' || name === '--header') {
      const colon = value.indexOf(':');
      const header = { name: value.slice(0, colon).trim(), value: value.slice(colon + 1).trim() };
      if (colon > 0 && !OWNED.has(header.name.toLowerCase())) headers.push(header);
    } else if (name === '-A' || name === '--user-agent') headers.push({ name: 'User-Agent', value });
    else if (name === '--json' || name === '-d' || name.startsWith('--data')) {
      json ||= name === '--json';
      data.push(value);
    }
  };
  for (let at = 0; at < words.length; at += 1) {
    const word = words[at] ?? '';
    const long = /^(--[a-z-]+)=(.*)$/s.exec(word);
    const glued = /^(-[XHdAeub])(.+)$/s.exec(word);
    if (long) option(long[1] ?? '', long[2] ?? '');
    else if (WITH_VALUE.has(word)) option(word, words[(at += 1)] ?? '');
    else if (glued) option(glued[1] ?? '', glued[2] ?? '');
    else if (word === '-I' || word === '--head') method = 'HEAD';
    else if (word === '-G' || word === '--get') method = 'GET';
    else if (!word.startsWith('-')) url ||= word;
  }
  if (url === '') return undefined;
  if (json && !headers.some((header) => header.name.toLowerCase() === 'content-type'))
    headers.push({ name: 'Content-Type', value: 'application/json' });
  return { method: method || (data.length > 0 ? 'POST' : 'GET'), url, headers, body: data.join('&') };
}

/** What the user meant: an address without a scheme has one added, http on this computer alone. */
export function addressOf(typed: string): string | undefined {
  const text = typed.trim();
  const local = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])([:/]|$)/i.test(text);
  const whole = /^[a-z][a-z0-9+.-]*:\/\//i.test(text) ? text : `${local ? 'http' : 'https'}://${text}`;
  if (!URL.canParse(whole)) return undefined;
  const { protocol, hostname } = new URL(whole);
  return ['http:', 'https:'].includes(protocol) && hostname !== '' ? whole : undefined;
}
