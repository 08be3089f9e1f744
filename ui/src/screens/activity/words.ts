import { monthDay, timeOfDay } from '$lib/format';
import type { StorySummary } from '$lib/ipc';
import * as m from '$lib/messages';

export type Side = 'request' | 'response';

const PROBE = 'probe_';

/** Verify asks in order to be refused. */
export const isProbe = (purpose: string): boolean => purpose.startsWith(PROBE);

/** The purposes the core records; one this page does not know is shown as it is. */
export function purposeName(purpose: string): string {
  const names: Record<string, () => string> = {
    discovery: m.activity_purpose_discovery,
    registration: m.activity_purpose_registration,
    read_registration: m.story_purpose_read,
    update_registration: m.story_purpose_update,
    delete_registration: m.story_purpose_delete,
    rotate_secret: m.story_purpose_rotate,
    management: m.activity_purpose_management,
    admin: m.activity_purpose_management,
    token: m.activity_purpose_token,
    introspection: m.activity_purpose_introspection,
    revocation: m.activity_purpose_revocation,
    userinfo: m.activity_purpose_userinfo,
    jwks: m.activity_purpose_jwks,
    api_call: m.activity_purpose_api_call,
  };
  const plain = isProbe(purpose) ? purpose.slice(PROBE.length) : purpose;
  return names[plain]?.() ?? plain.replaceAll('_', ' ');
}

/** "From discovery to API call"; what was done, where it was one thing. */
export function storyTitle(story: Pick<StorySummary, 'purposes' | 'is_probe' | 'exchanges'>): string {
  if (story.is_probe) return m.story_verify({ n: story.exchanges });
  const [first, ...rest] = story.purposes;
  const last = rest.at(-1);
  if (first === undefined) return m.activity_title();
  if (last === undefined) return purposeName(first);
  if (rest.length === 1) return m.story_two({ first: purposeName(first), last: purposeName(last) });
  return m.story_from_to({ first: purposeName(first), last: purposeName(last) });
}

export function failed(status: number | null): boolean {
  return status === null || status >= 400;
}

/** "09:20" and, on another day than today, "29 Nov" below. */
export function clockAndDay(ms: number, nowSecs: number): [string, string] {
  const date = new Date(ms);
  const today = date.toDateString() === new Date(nowSecs * 1000).toDateString();
  return [timeOfDay(date, false), today ? '' : monthDay(date)];
}
