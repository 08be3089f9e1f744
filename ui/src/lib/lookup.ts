/**
 * The question behind a list that is filled as somebody types. A key that is pressed before the answer is there
 * means what was typed, not the list of an older text: it waits for the answer.
 */
export class Lookup {
  #turn = 0;
  /** What is being looked for. */
  #asking: string | undefined;
  #waiting: (() => void)[] = [];

  /** Asks. What waited for the answer to another question is dropped; the same question may be asked again. */
  ask(question: string): number {
    if (question !== this.#asking) this.#waiting = [];
    this.#asking = question;
    return ++this.#turn;
  }

  /** Whether no newer question has been asked. */
  isNewest(turn: number): boolean {
    return turn === this.#turn;
  }

  /** The answer is on show: does what waited for it, in the order of the keys. */
  answered(turn: number): void {
    if (!this.isNewest(turn)) return;
    this.#asking = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const action of waiting) action();
  }

  /** Gives the question up: it failed, or the list was closed. */
  drop(): void {
    this.#turn++;
    this.#asking = undefined;
    this.#waiting = [];
  }

  /** Does something with the list: now, or once the question under way has been answered. */
  when(action: () => void): void {
    if (this.#asking !== undefined) this.#waiting.push(action);
    else action();
  }
}
