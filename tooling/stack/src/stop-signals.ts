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

/** Unit: milliseconds, between two looks at who the parent is. */
const PARENT_INTERVAL_MS = 500;

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

/**
 * Whoever started this process, npm for one, may be gone without a signal to it: then nobody is there to stop it any more,
 * and its own parent is another one.
 */
export function onParentGone(gone: () => void, parentOf = () => process.ppid): void {
  const parent = parentOf();
  const timer = setInterval(() => {
    if (parentOf() === parent) return;
    clearInterval(timer);
    gone();
  }, PARENT_INTERVAL_MS);
  timer.unref();
}
