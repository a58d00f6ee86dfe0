import { setTimeout as sleep } from "node:timers/promises";

/**
 * Holds a loop to a rate: call it before each turn. Turns that came late are not made up for in a burst.
 *
 * @param perSecond Infinity: never waits
 */
export function createPace(perSecond: number, signal?: AbortSignal): () => Promise<void> {
  const intervalMs = 1_000 / perSecond;
  let nextMs = performance.now();
  return async () => {
    const waitMs = nextMs - performance.now();
    // A timer is no finer than this; what it is late by, the next turns take off.
    if (waitMs >= 1) await sleep(waitMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});
    nextMs = Math.max(nextMs, performance.now() - 100) + intervalMs;
  };
}
