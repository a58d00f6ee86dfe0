/** What any client can see of any failure, over Socket.IO or HTTP. */
export interface ClientError {
  readonly code: ErrorCode;
  /** One sentence that names the thing that is wrong. */
  readonly message: string;
  /** Whether the same request, sent again, may succeed. */
  readonly retryable: boolean;
  /** Unit: milliseconds. When to try again, where Warren can say. */
  readonly retryAfterMs?: number;
}

/**
 * Every error code a client can see, whether trying again may help, and what it means.
 * `docs/errors.md` is compared with this table by a test.
 */
export const ERRORS = {
  NAMESPACE_UNKNOWN: { retryable: false, meaning: "The gateway's configuration maps no exchange to this namespace." },
  AUTH_REQUIRED: { retryable: false, meaning: "The namespace allows no anonymous clients." },
  AUTH_INVALID: { retryable: false, meaning: "The handshake's `auth` holds a field that cannot be read." },
  FORBIDDEN: { retryable: false, meaning: "The client may not subscribe to this pattern, or publish to this topic." },
  PATTERN_INVALID: { retryable: false, meaning: "A pattern is no AMQP topic pattern." },
  POSITION_INVALID: { retryable: false, meaning: "A position is not one that a gateway ever gave." },
  SUBSCRIPTIONS_EXCEEDED: { retryable: false, meaning: "The client subscribed to more patterns than one socket may." },
  EVENT_RESERVED: { retryable: false, meaning: "The event's name belongs to Socket.IO or to Warren." },
  EVENT_INVALID: { retryable: false, meaning: "The emitted arguments are not (data, options?, ack?)." },
  ID_INVALID: { retryable: false, meaning: "A message id must be 1 to 255 bytes of text." },
  TOPIC_INVALID: { retryable: false, meaning: "A topic must be 1 to 255 bytes of text." },
  TYPE_INVALID: { retryable: false, meaning: "An event type must be 1 to 255 bytes of text." },
  HEADERS_INVALID: { retryable: false, meaning: "Headers must be a flat object of text, numbers and booleans." },
  PAYLOAD_TOO_LARGE: { retryable: false, meaning: "The body is larger than this endpoint, or the broker, takes." },
  PAYLOAD_INVALID: { retryable: false, meaning: "The body is not the JSON (or the form) this endpoint takes." },
  SIGNATURE_MISSING: { retryable: false, meaning: "The webhook delivery carries no signature." },
  SIGNATURE_INVALID: { retryable: false, meaning: "The signature does not match the body and the secret." },
  DELIVERY_INVALID: { retryable: false, meaning: "The webhook delivery lacks a header or field it must have." },
  EXCHANGE_UNKNOWN: { retryable: false, meaning: "This producer does not publish on that exchange." },
  NOT_FOUND: { retryable: false, meaning: "There is nothing at this address." },
  CONNECTIONS_EXCEEDED: { retryable: true, meaning: "This gateway holds as many connections as it may." },
  BUSY: { retryable: true, meaning: "Too many clients are catching up on this gateway already." },
  UNROUTABLE: { retryable: true, meaning: "No queue or log is bound to the exchange for this topic." },
  NACKED: { retryable: true, meaning: "The broker refused to take responsibility for the message." },
  PUBLISH_TIMEOUT: {
    retryable: true,
    meaning: "The broker did not confirm in time: it may or may not have the message.",
  },
  BUFFER_FULL: { retryable: true, meaning: "Too much waits for the broker's confirm already." },
  BROKER_UNAVAILABLE: { retryable: true, meaning: "The broker cannot be reached, or refuses to serve, just now." },
  BROKER_REFUSED: { retryable: false, meaning: "The broker refused the message itself, and would again." },
  CLOSING: { retryable: true, meaning: "This process is going away: come back, to it or to another." },
  NOT_READY: { retryable: true, meaning: "This process is still starting: come back in a moment." },
  INTERNAL: { retryable: true, meaning: "Something unforeseen went wrong; the log of the process says what." },
} as const satisfies Record<string, { retryable: boolean; meaning: string }>;

export type ErrorCode = keyof typeof ERRORS;

/** Builds what a client sees. `retryable` comes from the table: one code never means both. */
export function clientError(code: ErrorCode, message: string, retryAfterMs?: number): ClientError {
  const { retryable } = ERRORS[code];
  return retryAfterMs === undefined ? { code, message, retryable } : { code, message, retryable, retryAfterMs };
}

/** An error that a client may see as it is. */
export class CodedError extends Error {
  override readonly name = "CodedError";
  readonly code: ErrorCode;
  readonly retryAfterMs: number | undefined;

  constructor(code: ErrorCode, message: string, options: { retryAfterMs?: number; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryAfterMs = options.retryAfterMs;
  }

  toClient(): ClientError {
    return clientError(this.code, this.message, this.retryAfterMs);
  }
}
