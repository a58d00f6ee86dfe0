/** How long to wait before each next try: full jitter, so that clients that lost the same broker do not come back in step. */
export interface Backoff {
  /** Unit: milliseconds. Random between 0 and a ceiling that doubles with each call, up to the maximum. */
  next(): number;
  /** Something worked: begin again with the lowest ceiling. */
  reset(): void;
}

export function createBackoff(initialMs: number, maxMs: number, random: () => number = Math.random): Backoff {
  let ceiling = initialMs;
  return {
    next() {
      const wait = random() * ceiling;
      ceiling = Math.min(maxMs, ceiling * 2);
      return wait;
    },
    reset() {
      ceiling = initialMs;
    },
  };
}
