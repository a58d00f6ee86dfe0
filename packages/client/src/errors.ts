import type { ErrorCode } from "@warren/events";

/** What can go wrong on this side of the wire; everything else carries the gateway's own `ErrorCode`. */
export type ClientCode =
  | "OPTION_INVALID"
  | "CONNECT_FAILED"
  | "CONNECT_TIMEOUT"
  | "TOKEN_FAILED"
  | "STORE_FAILED"
  | "LISTENER_FAILED"
  | "LIVE_LOSS"
  | "PROTOCOL_VIOLATION"
  | "CLOSED";

/** Why something failed. A newer gateway may know codes that this client does not. */
export interface Refusal {
  readonly code: ErrorCode | ClientCode | (string & {});
  /** One sentence that names the thing that is wrong. */
  readonly message: string;
  /** Whether the same thing, tried again, may succeed. */
  readonly retryable: boolean;
  /** Unit: milliseconds. When to try again, where the gateway said so. */
  readonly retryAfterMs?: number | undefined;
}

/** Any failure that this client reports. */
export class WarrenError extends Error implements Refusal {
  override readonly name: string = "WarrenError";
  readonly code: Refusal["code"];
  readonly retryable: boolean;
  /** See Refusal.retryAfterMs. */
  readonly retryAfterMs: number | undefined;

  constructor(refusal: Refusal, cause?: unknown) {
    super(refusal.message, cause === undefined ? undefined : { cause });
    this.code = refusal.code;
    this.retryable = refusal.retryable;
    this.retryAfterMs = refusal.retryAfterMs;
  }
}

/** A publish that this client has given up on. Unless `retryable`, the same publish would be refused again. */
export class PublishRefused extends WarrenError {
  override readonly name = "PublishRefused";
  /** The message id it was sent with, if it was sent. */
  readonly id: string;

  constructor(id: string, refusal: Refusal, cause?: unknown) {
    super(refusal, cause);
    this.id = id;
  }
}

/** The sentence in anything thrown. */
export function reason(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
