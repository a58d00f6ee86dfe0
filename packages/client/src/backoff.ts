export interface Backoff {
  /** The most that the first wait can be. Unit: milliseconds. */
  readonly initialMs: number;
  /** The most that any wait can be. Unit: milliseconds. */
  readonly maxMs: number;
}

/** The longest wait a gateway can ask for. Unit: milliseconds. */
const MAX_ASKED_MS = 600_000;

/** Full jitter: anything from nothing to the exponential bound, so that clients cut at once do not come back at once. */
export function fullJitterMs(backoff: Backoff, attempt: number, random: () => number = Math.random): number {
  return random() * Math.min(backoff.maxMs, backoff.initialMs * 2 ** attempt);
}

/** The wait before the next try: what the gateway asked for, else full jitter. */
export function waitMs(backoff: Backoff, attempt: number, askedMs: number | undefined): number {
  if (askedMs === undefined || !(askedMs >= 0)) return fullJitterMs(backoff, attempt);
  return Math.min(askedMs, MAX_ASKED_MS);
}
