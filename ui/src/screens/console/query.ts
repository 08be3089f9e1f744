export type Parameter = [name: string, value: string];

/** Decodes a part of a query; one that is not encoded well is shown as it is. */
function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const parts = (url: string): { base: string; query: string | undefined; hash: string } => {
  const [, base = '', query, hash = ''] = /^([^?#]*)(?:\?([^#]*))?(#.*)?$/s.exec(url) ?? [];
  return { base, query, hash };
};

/** The parameters of an address, in their order. */
export function queryOf(url: string): Parameter[] {
  const { query } = parts(url);
  if (query === undefined) return [];
  return query.split('&').map((part): Parameter => {
    const at = part.indexOf('=');
    return at < 0 ? [decoded(part), ''] : [decoded(part.slice(0, at)), decoded(part.slice(at + 1))];
  });
}

/** The address with these parameters instead of its own. */
export function withQuery(url: string, rows: Parameter[]): string {
  const { base, hash } = parts(url);
  const query = rows.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`).join('&');
  return base + (rows.length === 0 ? '' : `?${query}`) + hash;
}
