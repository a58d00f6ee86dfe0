import type { DialectName } from "./dialect.ts";
import type { Tally } from "./tally.ts";

/** What the process with the clients is told, one order at a time, and what it answers. */
export interface Orders {
  /** Connects clients; answered when all are ready. */
  open: { ask: OpenOrder; answer: void };
  /** Cuts all connections at once. */
  cut: { ask: void; answer: void };
  /** Whoever loses the connection from now on stays away until `back`. */
  stayAway: { ask: void; answer: void };
  /** Dials all at once; answered when they have been told to. */
  back: { ask: void; answer: void };
  pause: { ask: void; answer: void };
  resume: { ask: void; answer: void };
  /** Waits until every client has `target` events, or nothing has come for `idleMs`. */
  await: { ask: { target: number; idleMs: number; timeoutMs: number }; answer: Arrival };
  tally: { ask: { target: number }; answer: Tally };
  /** Keeps the time from making to receipt of one in `every` events from now on. */
  clock: { ask: { every: number }; answer: void };
  /** The times kept, in order of size. Unit: microseconds. */
  times: { ask: void; answer: Float64Array };
  /** Waits for the first event that was made after a moment; answered with when it came. Unit: microseconds. */
  firstMadeAfter: { ask: { madeAfter: number; timeoutMs: number }; answer: number | undefined };
}

export interface OpenOrder {
  readonly dialect: DialectName;
  readonly port: number;
  readonly clients: number;
  /** How many topics they share out among them, in turns. */
  readonly topics: number;
  /** Highest number of an event that will come. */
  readonly capacity: number;
}

export interface Arrival {
  readonly complete: boolean;
  /** From `back` (or from the wait's own beginning) to the last event that was new. Unit: milliseconds. */
  readonly wallMs: number;
}
