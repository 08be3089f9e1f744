import { call, commands } from '$lib/ipc';
import { faultsOf, SCENES, type Scene } from '$lib/sandbox/scenes';
import { now } from './clock.svelte';
import { place } from './place.svelte';
import { sandbox } from './sandbox.svelte';
import { toasts } from './toasts.svelte';

const KEPT = 'sandbox.countdown';
const MS = 1000;

/** A scene that begins when its clock has run down. It outlives the Sandbox screen and the pages. */
class SceneClock {
  personality = $state<string>();
  scene = $state.raw<Scene>();
  #endsAt = $state<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** Seconds until the scene begins; none where no clock runs. */
  left = $derived(this.#endsAt === undefined ? undefined : Math.max(0, this.#endsAt - now.secs));

  /** Goes on with a clock that was running before the pages were loaded again. */
  resume(): void {
    const [personality, name, ends] = place.get(KEPT)?.split(' ') ?? [];
    const scene = SCENES.find((one) => one.name === name);
    if (personality && scene && ends && this.#endsAt === undefined) this.#run(personality, scene, Number(ends));
  }

  start(personality: string, scene: Scene): void {
    this.#run(personality, scene, Math.floor(Date.now() / MS) + (scene.countdown ?? 0));
  }

  more(secs: number): void {
    if (this.personality !== undefined && this.scene && this.#endsAt !== undefined) {
      this.#run(this.personality, this.scene, this.#endsAt + secs);
    }
  }

  async now(): Promise<void> {
    const { personality, scene } = this;
    this.stop();
    if (personality === undefined || !scene) return;
    try {
      await call(commands.sandboxSetFaults(personality, faultsOf(scene)));
      await sandbox.refresh();
    } catch (error) {
      toasts.fail(error);
    }
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.personality = this.scene = this.#endsAt = undefined;
    place.set(KEPT, undefined);
  }

  #run(personality: string, scene: Scene, endsAt: number): void {
    clearTimeout(this.#timer);
    this.personality = personality;
    this.scene = scene;
    this.#endsAt = endsAt;
    place.set(KEPT, `${personality} ${scene.name} ${endsAt}`);
    this.#timer = setTimeout(() => void this.now(), Math.max(0, endsAt * MS - Date.now()));
  }
}

export const sceneClock = new SceneClock();
