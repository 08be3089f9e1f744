/** Runs what needs the effects of a component without one; the answer ends them. */
export const effectRoot = (run: () => void): (() => void) => $effect.root(run);
