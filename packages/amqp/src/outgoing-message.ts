import type { Options } from "amqplib";
import { MAX_TIMEOUT_MS } from "./bounds.ts";

export interface OutgoingMessage {
  /** At most 255 bytes, as every text here. */
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** AMQP message_id. Two messages in flight may have the same one: each is settled for itself. */
  readonly id: string;
  readonly type?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Unit: milliseconds since the epoch. Sent as AMQP timestamp (seconds) and as header `timestamp_in_ms`. */
  readonly timestampMs?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
  readonly correlationId?: string;
  readonly replyTo?: string;
  /** Unit: milliseconds. */
  readonly expirationMs?: number;
  /** 0 to 255. */
  readonly priority?: number;
  /** Whether a message that reaches no queue is refused (UNROUTABLE). @default true */
  readonly mandatory?: boolean;
  /** @default true */
  readonly persistent?: boolean;
  /** Unit: milliseconds. @default the publisher's `confirmTimeoutMs` */
  readonly timeoutMs?: number;
}

/**
 * Header that tells two messages apart which are in flight at once with the same id. Only the later one has it: a
 * basic.return names no delivery tag, so without it nobody could say which of the two reached no queue.
 */
export const COPY_HEADER = "x-warren-copy";

/** What is wrong with a message before any broker sees it, as a sentence; undefined for a sound one. */
export function messageFault(message: OutgoingMessage): string | undefined {
  if (!Buffer.isBuffer(message.body)) return "its body is no Buffer";
  if (typeof message.id !== "string" || message.id === "") return "it has no id";
  const { timestampMs, expirationMs, timeoutMs } = message;
  if (timestampMs !== undefined && !(timestampMs >= 0 && Number.isFinite(timestampMs))) {
    return `timestampMs is no time: ${timestampMs}`;
  }
  if (expirationMs !== undefined && !(Number.isInteger(expirationMs) && expirationMs >= 0)) {
    return `expirationMs: expected a whole number of milliseconds, got ${expirationMs}`;
  }
  if (timeoutMs !== undefined && !(timeoutMs > 0 && timeoutMs <= MAX_TIMEOUT_MS)) {
    return `timeoutMs: expected more than 0 and at most ${MAX_TIMEOUT_MS}, got ${timeoutMs}`;
  }
  return undefined;
}

export function publishOptions(message: OutgoingMessage, copy: string | undefined): Options.Publish {
  const { timestampMs } = message;
  const options: Options.Publish = {
    messageId: message.id,
    mandatory: message.mandatory !== false,
    persistent: message.persistent !== false,
    headers: headersOf(message, copy),
  };
  // Each only where given: amqplib takes undefined for "absent", but says otherwise in its types.
  if (message.type !== undefined) options.type = message.type;
  if (message.contentType !== undefined) options.contentType = message.contentType;
  if (message.contentEncoding !== undefined) options.contentEncoding = message.contentEncoding;
  if (timestampMs !== undefined) options.timestamp = Math.floor(timestampMs / 1000);
  if (message.correlationId !== undefined) options.correlationId = message.correlationId;
  if (message.replyTo !== undefined) options.replyTo = message.replyTo;
  if (message.expirationMs !== undefined) options.expiration = message.expirationMs;
  if (message.priority !== undefined) options.priority = message.priority;
  return options;
}

function headersOf(message: OutgoingMessage, copy: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const { headers, timestampMs } = message;
  if (timestampMs === undefined && copy === undefined) return headers;
  const all: Record<string, unknown> = { ...headers };
  if (timestampMs !== undefined) all["timestamp_in_ms"] = Math.floor(timestampMs);
  if (copy !== undefined) all[COPY_HEADER] = copy;
  return all;
}
