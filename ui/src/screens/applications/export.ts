import type { ApplicationSummary } from '$lib/ipc';

const iso = (at: number | null): string => (at === null || at === 0 ? '' : new Date(at * 1000).toISOString());

/** What the list knows of an application; nothing of it is secret. */
function facts(one: ApplicationSummary): Record<string, string> {
  return {
    name: one.name,
    client_id: one.client_id,
    configuration: one.config,
    provider: one.provider,
    health: one.health,
    labels: one.labels.join(' '),
    secret_expires: one.client_secret_expires_at === 0 ? 'never' : iso(one.client_secret_expires_at),
    created: iso(one.created_at),
    last_used: iso(one.last_used_at),
  };
}

/** A cell that a spreadsheet takes for text, whatever a name begins with. */
function cell(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(plain) ? `"${plain.replaceAll('"', '""')}"` : plain;
}

/** RFC 4180, with a line of names. */
export function csvOf(items: ApplicationSummary[]): string {
  const rows = items.map(facts);
  const names = Object.keys(rows[0] ?? {});
  return (
    [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))]
      .map((row) => row.map(cell).join(','))
      .join('\r\n') + '\r\n'
  );
}

export const jsonOf = (items: ApplicationSummary[]): string => `${JSON.stringify(items.map(facts), undefined, 2)}\n`;
