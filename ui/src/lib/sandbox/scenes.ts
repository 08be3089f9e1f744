import type { PersonalityView, SandboxFaults } from '$lib/ipc';
import * as m from '$lib/messages';
import { NONE } from './dials';

/** A named set of faults that tells one story. */
export type Scene = {
  name: string;
  label: () => string;
  hint: () => string;
  faults: Partial<SandboxFaults>;
  /** Seconds until the faults begin, so that an audience sees it work before. */
  countdown?: number;
};

export const SCENES: Scene[] = [
  { name: 'slow', label: m.sandbox_scene_slow, hint: m.sandbox_scene_slow_hint, faults: { latency_ms: 2000 } },
  {
    name: 'flaky',
    label: m.sandbox_scene_flaky,
    hint: m.sandbox_scene_flaky_hint,
    faults: { server_errors_percent: 30, drop_after_receiving_percent: 10 },
  },
  {
    name: 'rate_limited',
    label: m.sandbox_scene_rate_limited,
    hint: m.sandbox_scene_rate_limited_hint,
    faults: { rate_limit_per_second: 2, retry_after: true },
  },
  {
    name: 'amnesia',
    label: m.sandbox_scene_forgets_clients,
    hint: m.sandbox_scene_forgets_clients_hint,
    faults: { forget_clients: true },
  },
  {
    name: 'metadata',
    label: m.sandbox_scene_metadata,
    hint: m.sandbox_scene_metadata_hint,
    faults: { wrong_issuer: true },
  },
  {
    name: 'secret',
    label: m.sandbox_scene_secret,
    hint: m.sandbox_scene_secret_hint,
    faults: { secrets_over: true },
    countdown: 20,
  },
  { name: 'keys', label: m.sandbox_scene_keys, hint: m.sandbox_scene_keys_hint, faults: { keys_rolled_over: true } },
  {
    name: 'mix_up',
    label: m.sandbox_scene_mix_up,
    hint: m.sandbox_scene_mix_up_hint,
    faults: { vendor: { wrong_iss: 1 } },
  },
  {
    name: 'device',
    label: m.sandbox_scene_device,
    hint: m.sandbox_scene_device_hint,
    faults: { vendor: { slow_down_for_ever: 1 } },
  },
];

/** The scenes that a personality can play: one with a dial that others have is not among them. */
export function scenesOf({ vendor_dials: dials }: Pick<PersonalityView, 'vendor_dials'>): Scene[] {
  const has = (key: string): boolean => dials.some((dial) => dial.key === key);
  return SCENES.filter((scene) => Object.keys(scene.faults.vendor ?? {}).every(has));
}

/** The key that plays the scene after `index` others and the opening scene; the tenth card has the key 0. */
export const keyOf = (index: number): string => String((index + 2) % 10);

export const faultsOf = (scene: Scene | undefined): SandboxFaults => ({ ...NONE, ...scene?.faults });

/** The scene whose faults are on, and no other. */
export function sceneOf(faults: SandboxFaults): Scene | undefined {
  const fields = Object.keys(NONE).filter((field) => field !== 'vendor') as Exclude<keyof SandboxFaults, 'vendor'>[];
  const on = (vendor: SandboxFaults['vendor']): string =>
    JSON.stringify(
      Object.entries(vendor)
        .filter(([, value]) => (value ?? 0) > 0)
        .sort(),
    );
  return SCENES.map((scene) => ({ scene, wanted: faultsOf(scene) })).find(
    ({ wanted }) => on(wanted.vendor) === on(faults.vendor) && fields.every((field) => wanted[field] === faults[field]),
  )?.scene;
}
