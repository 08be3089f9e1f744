import type { Draft, RefusedPart } from '$lib/ipc';
import { parse, stringify } from '$lib/json';

function membersOf(json: string | null): string[] {
  try {
    const value: unknown = JSON.parse(json ?? '{}');
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? Object.keys(value) : [];
  } catch {
    return [];
  }
}

/** What of it the draft still asks for; nothing where it was changed since. */
export function stillAsked(refused: RefusedPart | null | undefined, draft: Draft): RefusedPart | undefined {
  if (!refused) return undefined;
  const asked: Record<RefusedPart['field'], string[]> = {
    scopes: draft.scopes,
    redirect_uris: draft.redirect_uris,
    grant_types: draft.grant_types,
    token_endpoint_auth_method: [draft.token_endpoint_auth_method ?? ''],
    metadata_json: membersOf(draft.metadata_json),
  };
  const values = refused.values.filter((value) => asked[refused.field].includes(value));
  return values.length > 0 ? { ...refused, values } : undefined;
}

/** JSON without some of its members. */
export function withoutMembers(json: string, members: string[]): string {
  try {
    const value = parse(json);
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return json;
    const rest = Object.fromEntries(Object.entries(value).filter(([name]) => !members.includes(name)));
    return Object.keys(rest).length === 0 ? '' : stringify(rest, 2);
  } catch {
    return json;
  }
}

/** The lines of a request's body that hold what was refused. */
export function refusedLine(line: string, repair: RefusedPart): boolean {
  if (line.includes(`"${repair.member}":`))
    return repair.field !== 'redirect_uris' && repair.field !== 'grant_types' ? true : line.includes(']');
  if (repair.field === 'metadata_json') return repair.values.some((name) => line.includes(`"${name}":`));
  return (
    repair.field !== 'scopes' && repair.values.some((value) => line.trim().replace(/,$/, '') === JSON.stringify(value))
  );
}
