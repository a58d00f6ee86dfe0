import type { EventEmitter } from "node:events";

export interface StopWishes {
  /** The first wish: in order. */
  stop(signal: NodeJS.Signals): void;
  /** The second: at once. */
  force(signal: NodeJS.Signals): void;
}

/**
 * Unit: milliseconds. A Ctrl-C under npm arrives twice, from the terminal and from npm: the same signal again within
 * this time is the same wish, not a second one.
 */
const ECHO_MS = 200;

const SIGNALS: readonly NodeJS.Signals[] = ["SIGINT", "SIGTERM", "SIGHUP"];

/** @param source the process, or what emits signals like one */
export function onStopSignals(source: EventEmitter, wishes: StopWishes, now = () => performance.now()): void {
  let first: { signal: NodeJS.Signals; atMs: number } | undefined;
  for (const signal of SIGNALS) {
    source.on(signal, () => {
      if (first === undefined) {
        first = { signal, atMs: now() };
        wishes.stop(signal);
      } else if (first.signal !== signal || now() - first.atMs >= ECHO_MS) wishes.force(signal);
    });
  }
}
