/** Setting that names the hosts, other than the issuer's, that the user confirmed. */
const CONFIRMED = 'confirmed_hosts';

/** The setting with these hosts added; nothing is confirmed twice. */
export function withHosts(settings: Record<string, string>, hosts: string[]): Record<string, string> {
  const known = (settings[CONFIRMED] ?? '').split(/[\s,]+/).filter(Boolean);
  return { [CONFIRMED]: [...new Set([...known, ...hosts])].join(',') };
}
