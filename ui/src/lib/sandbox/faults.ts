import { number } from '$lib/format';
import type { ExchangeView, PersonalityView } from '$lib/ipc';
import * as m from '$lib/messages';
import { NUMBERS, SWITCHES, vendorWords, type NumberDial } from './dials';

/** What is known of an exchange that may have met a fault. */
export type Met = Pick<ExchangeView, 'url' | 'provider'>;

function valueOf(dial: NumberDial, value: number): string {
  const n = number(value);
  if (dial.unit === 'ms') return m.common_ms({ n });
  if (dial.unit === 'percent') return m.sandbox_value_percent({ n });
  return m.sandbox_value_per_second({ n });
}

/** The faults of a personality that are on, each with its value. */
export function faultsOn({ faults, vendor_dials }: PersonalityView): string[] {
  const numbers = NUMBERS.filter((dial) => faults[dial.name] > 0).map((dial) =>
    m.sandbox_fault_with_value({ label: dial.label(), value: valueOf(dial, faults[dial.name]) }),
  );
  // `Retry-After` is part of another fault and does nothing alone.
  const switches = SWITCHES.filter((dial) => faults[dial.name] && dial.name !== 'retry_after').map((dial) =>
    dial.label(),
  );
  const own = vendor_dials.filter((dial) => (faults.vendor[dial.key] ?? 0) > 0).map((dial) => vendorWords(dial).label);
  return [...numbers, ...switches, ...own];
}

const originOf = (address: string): string | undefined => (URL.canParse(address) ? new URL(address).origin : undefined);

/** The personality, with a fault on, that answered an exchange. */
export function faultyOne(personalities: PersonalityView[], { url, provider }: Met): PersonalityView | undefined {
  const origin = originOf(url);
  return personalities.find((one) => {
    if (one.faults_on === 0 || origin === undefined) return false;
    const origins = [one.issuer, one.api_url, ...Object.values(one.set)].map(originOf);
    return origins.includes(origin) && (provider === null || provider === one.provider);
  });
}
