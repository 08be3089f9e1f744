import { duration, list } from '$lib/format';
import type { CompareResult, CompareView } from '$lib/ipc';
import * as m from '$lib/messages';
import { wayName } from './words';

/** The headline, computed by the core from the answers alone. */
export function headline(view: CompareView): string {
  const words = {
    no_answer: m.compare_no_answer,
    all_refused: m.compare_all_refused,
    some_refused: () => m.compare_some_refused({ n: view.results.length - view.accepted, count: view.results.length }),
    different_data: m.compare_different_data,
    different_identities: () => m.compare_identities({ n: view.identities }),
    same_identity: m.compare_same_identity,
    same_data: m.compare_same_data,
  };
  return words[view.verdict]();
}

/** What the headline rests on. */
export function reason(view: CompareView): string {
  const names = (results: CompareResult[]): string => list(results.map((one) => wayName(one.auth)));
  switch (view.verdict) {
    case 'no_answer':
      return m.compare_no_answer_why();
    case 'all_refused':
    case 'some_refused': {
      const out = view.results.filter((one) => statusOf(one) === null || (statusOf(one) ?? 0) >= 400);
      return m.compare_refused_why({ ways: names(out) });
    }
    case 'different_identities':
      return m.compare_identities_why({
        callers: list(view.results.map((one) => `${wayName(one.auth)}: ${one.seen_as ?? m.compare_not_stated()}`)),
      });
    case 'same_identity':
      return m.compare_same_identity_why({ caller: view.results.find((one) => one.seen_as)?.seen_as ?? '' });
    case 'same_data':
      return m.compare_same_data_why();
    case 'different_data':
      return m.compare_different_data_why({ n: view.paths.filter((one) => one.kind === 'data').length });
  }
}

export const statusOf = (one: CompareResult): number | null => one.answer?.status ?? one.error?.status ?? null;

export function cost(one: CompareResult): string {
  if (!one.answer) return m.compare_not_sent();
  const own = one.answer.fetched_token
    ? m.compare_requests_token({ n: one.requests })
    : m.compare_requests({ n: one.requests });
  return one.gateway_requests > 0 ? m.compare_requests_gateway({ own, n: one.gateway_requests }) : own;
}

/** Untrusted text within a cell of a table. */
function cell(text: string): string {
  return text
    .replace(/[\\`*_{}[\]<>|#~!]/g, '\\$&')
    .replace(/\s+/g, ' ')
    .trim();
}

const row = (cells: string[]): string => `| ${cells.map(cell).join(' | ')} |`;

/** The comparison for a ticket. It holds what is on show: secrets are redacted there already. */
export function markdown(view: CompareView, request: { method: string; url: string; application: string }): string {
  const ways = view.results.map((one) => wayName(one.auth));
  const lines = [
    `## ${cell(headline(view))}`,
    '',
    cell(reason(view)),
    '',
    `${cell(request.method)} ${cell(request.url)} · ${cell(request.application)}`,
    '',
    row(['', ...ways]),
    `|${' --- |'.repeat(ways.length + 1)}`,
    row([m.console_column_status(), ...view.results.map((one) => String(statusOf(one) ?? m.compare_none()))]),
    row([m.console_column_time(), ...view.results.map((one) => (one.answer ? duration(one.answer.elapsed_ms) : ''))]),
    row([m.compare_cost(), ...view.results.map(cost)]),
    row([m.console_column_sent(), ...view.results.map((one) => one.answer?.sent ?? '')]),
    row([m.compare_seen(), ...view.results.map((one) => one.seen_as ?? m.compare_not_stated())]),
    ...view.paths.map((one) =>
      row([
        one.path === '' ? m.console_column_body() : `body.${one.path}`,
        ...one.values.map((value) => value ?? m.compare_absent()),
      ]),
    ),
    ...view.headers.map((one) => row([one.name, ...one.values.map((value) => value ?? m.compare_absent())])),
  ];
  return `${lines.join('\n')}\n`;
}
