const read = (): number => Math.floor(Date.now() / 1000);

class Clock {
  /** Unix seconds; moves once a second. */
  secs = $state(read());

  constructor() {
    // One timer for the whole window: every countdown moves at the same moment.
    setInterval(() => {
      this.secs = read();
    }, 1000);
  }
}

export const now = new Clock();
