import type { SandboxFaults } from '$lib/ipc';
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
  { name: 'amnesia', label: m.sandbox_scene_amnesia, hint: m.sandbox_scene_amnesia_hint, faults: { forget_clients: true } },
  { name: 'metadata', label: m.sandbox_scene_metadata, hint: m.sandbox_scene_metadata_hint, faults: { wrong_issuer: true } },
  { name: 'secret', label: m.sandbox_scene_secret, hint: m.sandbox_scene_secret_hint, faults: { secrets_over: true }, countdown: 20 },
];

export const faultsOf = (scene: Scene | undefined): SandboxFaults => ({ ...NONE, ...scene?.faults });

/** The scene whose faults are on, and no other. */
export function sceneOf(faults: SandboxFaults): Scene | undefined {
  const fields = Object.keys(NONE).filter((field) => field !== 'vendor') as Exclude<keyof SandboxFaults, 'vendor'>[];
  if (Object.values(faults.vendor).some((value) => value > 0)) return undefined;
  return SCENES.find((scene) => fields.every((field) => faultsOf(scene)[field] === faults[field]));
}
