import { SvelteMap } from 'svelte/reactivity';
import { call, commands, events, type VerifyReport, type VerifyStepView } from '$lib/ipc';

/** The verifications under way; they go on while another screen is open. */
class Verifying {
  #runs = new SvelteMap<string, VerifyStepView[]>();
  #listening: Promise<unknown> | undefined;

  /** Steps so far; absent when nothing runs for this configuration. */
  steps(id: string): VerifyStepView[] | undefined {
    return this.#runs.get(id);
  }

  /** Verifies; the steps of the last report are shown as waiting until they are reached. */
  async run(id: string, before: VerifyStepView[]): Promise<VerifyReport> {
    this.#runs.set(id, before.map(waiting));
    try {
      await this.#listen();
      return await call(commands.configurationVerify(id));
    } finally {
      this.#runs.delete(id);
    }
  }

  async #listen(): Promise<void> {
    this.#listening ??= events.verifyStepEvent.listen(({ payload }) =>
      this.#take(payload.configuration_id, payload.step),
    );
    try {
      await this.#listening;
    } catch (error) {
      this.#listening = undefined;
      throw error;
    }
  }

  #take(id: string, step: VerifyStepView): void {
    const steps = this.#runs.get(id);
    if (!steps) return;
    const known = steps.some((one) => one.name === step.name);
    this.#runs.set(id, known ? steps.map((one) => (one.name === step.name ? step : one)) : [...steps, step]);
  }
}

const waiting = (step: VerifyStepView): VerifyStepView => ({
  name: step.name,
  title: step.title,
  state: 'waiting',
  elapsed_ms: null,
  message: null,
  fix: null,
  words: null,
  exchange: null,
});

export const verifying = new Verifying();
