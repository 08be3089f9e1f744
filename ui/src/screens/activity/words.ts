import { exact } from '$lib/format';
import type { ExchangeView } from '$lib/ipc';
import * as m from '$lib/messages';

export type Side = 'request' | 'response';
export type Peer = 'provider' | 'api';

/** One arrow of the sequence. */
export type Step = { key: string; exchange: ExchangeView; side: Side; peer: Peer };

export function peerOf(exchange: ExchangeView): Peer {
  return exchange.peer === 'api' ? 'api' : 'provider';
}

export function stepKey(id: string, side: Side): string {
  return `${id} ${side}`;
}

/** Every exchange is two arrows: what was sent, and what came back or that nothing did. */
export function stepsOf(flow: ExchangeView[]): Step[] {
  const sides: Side[] = ['request', 'response'];
  return flow.flatMap((exchange) =>
    sides.map((side) => ({ key: stepKey(exchange.summary.id, side), exchange, side, peer: peerOf(exchange) })),
  );
}

/** Who takes part, by name: Keywright, then the provider, then the API. */
export function lanesOf(flow: ExchangeView[]): string[] {
  const provider = flow.find((one) => one.peer === 'provider');
  const api = flow.find((one) => one.peer === 'api');
  return [
    'Keywright',
    ...(provider || !api ? [provider?.config ?? provider?.summary.host ?? m.activity_lane_provider()] : []),
    ...(api ? [api.summary.host] : []),
  ];
}

export function failed(status: number | null): boolean {
  return status === null || status >= 400;
}

/** The purposes the core records; one this page does not know is shown as it is. */
export function purposeName(purpose: string): string {
  const names: Record<string, () => string> = {
    discovery: m.activity_purpose_discovery,
    registration: m.activity_purpose_registration,
    management: m.activity_purpose_management,
    token: m.activity_purpose_token,
    introspection: m.activity_purpose_introspection,
    revocation: m.activity_purpose_revocation,
    userinfo: m.activity_purpose_userinfo,
    jwks: m.activity_purpose_jwks,
    api_call: m.activity_purpose_api_call,
  };
  return names[purpose]?.() ?? purpose.replaceAll('_', ' ');
}

/** The scheme of the credential that was sent: "Bearer ••••"; nothing else of the header. */
export function credential(exchange: ExchangeView): string {
  const names = new Map(exchange.request_headers.map((one) => [one.name.toLowerCase(), one.value]));
  const scheme = /^(\w+) /.exec(names.get('authorization') ?? '')?.[1];
  if (scheme) return `${scheme} ••••`;
  return names.has('cookie') ? 'Cookie ••••' : '';
}

/** "09:20:31" today, the whole date before. */
export function moment(ms: number, nowSecs: number): string {
  const date = new Date(ms);
  if (date.toDateString() !== new Date(nowSecs * 1000).toDateString()) return exact(Math.floor(ms / 1000));
  return new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit', second: '2-digit' }).format(date);
}
