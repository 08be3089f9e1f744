import type { CallAuth, HeaderView } from '$lib/ipc';
import { textOf } from '$lib/state/drafts';
import { queryOf, withQuery } from './query';

/** A call that was made: enough to make it again, and how it ended. */
export type PastCall = {
  method: string;
  url: string;
  auth: CallAuth;
  headers: HeaderView[];
  body: string;
  /** Unix seconds; 0 where it is not known. */
  at: number;
  /** None where no answer came, or not yet. */
  status: number | null;
  /** Kept until the user ends that. */
  saved: boolean;
};

/** Calls kept for each application, besides those that the user saved. */
const CALLS = 50;
/** A longer body is not kept. */
const BODY = 4_000;
const WAYS: readonly CallAuth[] = ['client-credentials', 'bearer', 'session'];

/** Names of headers, parameters and fields whose values are credentials. */
const CREDENTIAL = /authorization|cookie|key|token|secret|password|passphrase|assertion/i;
const CREDENTIAL_FIELD = new RegExp(`(${CREDENTIAL.source})[\\w-]*"?\\s*[:=]`, 'i');

/** A credential must not come back unasked. */
export const withoutCredentials = (headers: HeaderView[]): HeaderView[] =>
  headers.map(({ name, value }) => ({ name, value: CREDENTIAL.test(name) ? '' : value }));

function addressWithoutCredentials(url: string): string {
  const rows = queryOf(url);
  if (!rows.some(([name]) => CREDENTIAL.test(name))) return url;
  return withQuery(
    url,
    rows.map(([name, value]) => [name, CREDENTIAL.test(name) ? '' : value]),
  );
}

/** A call as it may be kept: no value of a credential, and no body that is long or holds one. */
export function keepable(call: PastCall): PastCall {
  const keepsBody = call.body.length <= BODY && !CREDENTIAL_FIELD.test(call.body);
  return {
    ...call,
    url: addressWithoutCredentials(call.url),
    headers: withoutCredentials(call.headers),
    body: keepsBody ? call.body : '',
  };
}

/** What was kept; an older version kept addresses alone. */
export function pastCalls(kept: unknown): PastCall[] {
  if (!Array.isArray(kept)) return [];
  return kept.flatMap((one: unknown): PastCall[] => {
    const from = (typeof one === 'string' ? { url: one } : (one ?? {})) as Record<string, unknown>;
    const url = textOf(from['url']);
    if (url === '') return [];
    const headers = Array.isArray(from['headers']) ? (from['headers'] as Partial<HeaderView>[]) : [];
    return [
      keepable({
        method: textOf(from['method']) || 'GET',
        url,
        auth: WAYS.find((way) => way === from['auth']) ?? 'client-credentials',
        headers: headers.map((header) => ({ name: textOf(header.name), value: textOf(header.value) })),
        body: textOf(from['body']),
        at: typeof from['at'] === 'number' ? from['at'] : 0,
        status: typeof from['status'] === 'number' ? from['status'] : null,
        saved: from['saved'] === true,
      }),
    ];
  });
}

/** The same request in the same way; it is listed once. */
export const sameCall = (one: PastCall, other: PastCall): boolean =>
  one.method === other.method && one.url === other.url && one.auth === other.auth && one.body === other.body;

/** With another call at the top. */
export function withCall(all: PastCall[], made: PastCall): PastCall[] {
  const next = keepable(made);
  const before = all.find((one) => sameCall(one, next));
  const list = [{ ...next, saved: before?.saved ?? false }, ...all.filter((one) => !sameCall(one, next))];
  let free = CALLS;
  return list.filter((one) => one.saved || free-- > 0);
}
