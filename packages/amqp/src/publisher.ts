import type { Connection } from "./connection.ts";

export interface OutgoingMessage {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  /** AMQP message_id. */
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

export interface PublisherOptions {
  /** Unit: messages sent and not yet confirmed. @default 1_000 */
  readonly maxInFlight?: number;
  /** Unit: bytes of bodies, waiting and in flight together. A larger message is taken only when nothing else is pending. @default 64 MiB */
  readonly maxBytes?: number;
  /** Unit: messages that wait to be sent. @default 10_000 */
  readonly maxWaiting?: number;
  /** Unit: milliseconds from `publish` to the broker's confirm. @default 30_000 */
  readonly confirmTimeoutMs?: number;
}

export interface Publisher {
  /** Settles exactly once: resolves on the broker's confirm; rejects with `PublishError`. */
  publish(message: OutgoingMessage): Promise<void>;
  readonly pending: { readonly messages: number; readonly bytes: number };
  /** Resolves when nothing is pending. */
  flush(): Promise<void>;
  /** Stops taking, waits for what is pending up to timeoutMs (@default 10_000), rejects the rest with CLOSING. Never rejects. */
  close(timeoutMs?: number): Promise<void>;
}

export function createPublisher(connection: Connection, options: PublisherOptions = {}): Publisher {
  throw new Error(`not yet: ${connection.name} ${JSON.stringify(options)}`);
}
