import type { CallAuth } from '$lib/ipc';
import { number } from '$lib/format';
import * as m from '$lib/messages';

/** "Client credentials", "Bearer token", "Session cookie". */
export function wayName(way: CallAuth): string {
  if (way === 'client-credentials') return m.console_way_client_credentials();
  if (way === 'bearer') return m.console_way_bearer();
  return m.console_way_session();
}

export function statusTone(status: number | null): 'ok' | 'warn' | 'bad' {
  if (status === null || status >= 400) return 'bad';
  return status >= 300 ? 'warn' : 'ok';
}

/** "0.2 kB": short enough for a column, in thousands as the network counts. */
export function size(bytes: number): string {
  if (bytes < 100) return m.console_bytes({ n: number(bytes) });
  if (bytes < 1_000_000) return m.console_kilobytes({ n: number(Math.round(bytes / 100) / 10) });
  return m.console_megabytes({ n: number(Math.round(bytes / 100_000) / 10) });
}
