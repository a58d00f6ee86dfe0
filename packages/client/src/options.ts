import type { Pattern, PositionRequest } from "@warren/events";

import type { Backoff } from "./backoff.ts";
import { WarrenError } from "./errors.ts";
import type { TransportOptions } from "./link.ts";
import type { PositionStore } from "./position-store.ts";

const SECONDS = 1_000;
const MIB = 1_048_576;

export interface ClientOptions {
  /** Patterns to subscribe to. @default the namespace's `defaultTopics` */
  topics?: readonly Pattern[] | undefined;
  /** Where to begin when the store has no position: `"now"`, `"first"`, a position, an offset. @default "now" */
  from?: PositionRequest | undefined;
  /** Where the position is kept between runs. @default a `memoryStore()` of its own */
  store?: PositionStore | undefined;
  /** A JWT, or what gets one; asked before each connection. @default none */
  token?: string | (() => string | Promise<string>) | undefined;
  /** Whether to connect at once; else `reconnect()` does. @default true */
  autoConnect?: boolean | undefined;
  /** How long an ack may take before the publish is sent again. Unit: milliseconds. @default 10_000 */
  ackTimeoutMs?: number | undefined;
  /** How long a connection may take, up to `warren:ready`. Unit: milliseconds. @default 20_000 */
  connectTimeoutMs?: number | undefined;
  /** Bounds of the full-jitter waits between tries. Unit: milliseconds. @default { initialMs: 200, maxMs: 5_000 } */
  backoff?: Backoff | undefined;
  /** Most publishes sent and not confirmed yet. Above 1, one that is sent again may land behind a later one. @default 1 */
  publishWindow?: number | undefined;
  /** Most publishes that wait, sent ones included; more are refused with `BUFFER_FULL`. @default 1_000 */
  maxWaiting?: number | undefined;
  /** Most bytes that waiting publishes hold. Unit: bytes. @default 8_388_608 */
  maxWaitingBytes?: number | undefined;
  /** At most one write to the store in this time. Unit: milliseconds. @default 1_000 */
  saveIntervalMs?: number | undefined;
  /** How often one live loss is healed by resuming, before it is announced as a gap. @default 5 */
  healAttempts?: number | undefined;
  /** Handed through to `io()` of socket.io-client: `transports`, `path`, `extraHeaders`, … @default {} */
  socket?: TransportOptions | undefined;
}

export const defaults = {
  from: "now",
  autoConnect: true,
  ackTimeoutMs: 10 * SECONDS,
  connectTimeoutMs: 20 * SECONDS,
  backoff: { initialMs: 200, maxMs: 5 * SECONDS },
  publishWindow: 1,
  maxWaiting: 1_000,
  maxWaitingBytes: 8 * MIB,
  saveIntervalMs: 1 * SECONDS,
  healAttempts: 5,
  socket: {},
} satisfies ClientOptions;

/** Most events that wait for one `for await`, unless it says otherwise. */
export const DEFAULT_EVENT_BUFFER = 1_000;

/** Most subscribes and unsubscribes that wait for the gateway. */
export const MAX_WAITING_CONTROLS = 1_000;

type Defaulted = { [K in keyof typeof defaults]-?: Exclude<ClientOptions[K], undefined> };
export type NormalOptions = Defaulted & Pick<ClientOptions, "topics" | "store" | "token">;

/** Fills in the defaults. Throws `OPTION_INVALID`, naming every option that cannot be. */
export function normalise(options: ClientOptions): NormalOptions {
  const given = Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
  const normal: NormalOptions = { ...defaults, ...given };
  const faults: string[] = [];
  const atLeast = (least: number, names: Record<string, unknown>) => {
    for (const [name, value] of Object.entries(names)) {
      if (typeof value === "number" && value >= least) continue;
      faults.push(`${name}: expected a number of at least ${least}, got ${String(value)}`);
    }
  };
  const { ackTimeoutMs, connectTimeoutMs, publishWindow, maxWaiting, maxWaitingBytes, backoff } = normal;
  atLeast(1, { ackTimeoutMs, connectTimeoutMs, publishWindow, maxWaiting, maxWaitingBytes });
  atLeast(0, { saveIntervalMs: normal.saveIntervalMs, healAttempts: normal.healAttempts });
  atLeast(0, { "backoff.initialMs": backoff.initialMs, "backoff.maxMs": backoff.maxMs });
  if (normal.topics !== undefined && !Array.isArray(normal.topics)) faults.push("topics: expected a list of patterns");
  if (faults.length > 0) {
    throw new WarrenError({ code: "OPTION_INVALID", message: faults.join("; "), retryable: false });
  }
  return normal;
}
