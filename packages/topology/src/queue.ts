/** A queue as data, tagged by RabbitMQ's own `x-queue-type`. */
export type QueueSpec = ClassicQueue | QuorumQueue | StreamQueue;

interface AnyQueue {
  readonly name: string;
  /** `false`: somebody else's; it must exist already and is only looked for. @default true */
  readonly declare?: boolean;
}

interface DeadLettering {
  /** Where messages go that are rejected, expired or pushed out. */
  readonly deadLetterExchange?: string;
  /** @default the message's own routing key */
  readonly deadLetterRoutingKey?: string;
}

interface Limits {
  /** Unit: milliseconds. How long a message may wait. */
  readonly messageTtlMs?: number;
  /** Unit: milliseconds. The queue itself goes when nobody used it for so long; its messages go with it. */
  readonly expiresMs?: number;
  /** Unit: messages. */
  readonly maxLength?: number;
  /** Unit: bytes of message bodies. */
  readonly maxBytes?: number;
  /** One consumer at a time gets deliveries; another takes over when it goes. @default false */
  readonly singleActiveConsumer?: boolean;
}

export interface ClassicQueue extends AnyQueue, Limits, DeadLettering {
  readonly queueType: "classic";
  /** Belongs to the declaring connection and goes with it. @default false */
  readonly exclusive?: boolean;
  /** What happens past `maxLength` or `maxBytes`. @default "drop-head" */
  readonly overflow?: "drop-head" | "reject-publish" | "reject-publish-dlx";
  /** Highest priority, 1 to 255. Keep it below 10: each costs memory. */
  readonly maxPriority?: number;
}

export interface QuorumQueue extends AnyQueue, Limits, DeadLettering {
  readonly queueType: "quorum";
  /**
   * Deliveries that may fail before the message is dead-lettered; `n` gives `n + 1` deliveries.
   * @default the broker's: 20 from RabbitMQ 4.0 on, unlimited before
   */
  readonly deliveryLimit?: number | "unlimited";
  /** `at-least-once` also needs `overflow: "reject-publish"` and a `deadLetterExchange`. @default "at-most-once" */
  readonly deadLetterStrategy?: "at-most-once" | "at-least-once";
  /** What happens past `maxLength` or `maxBytes`. @default "drop-head" */
  readonly overflow?: "drop-head" | "reject-publish";
  /** Replicas made at creation. Unit: nodes. */
  readonly initialGroupSize?: number;
  readonly leaderLocator?: LeaderLocator;
  /** Unit: milliseconds. How long a delivery may stay unsettled. RabbitMQ 3.12 and later. */
  readonly consumerTimeoutMs?: number;
  /** Returned messages wait in the queue before they are delivered again. RabbitMQ 4.3 and later. */
  readonly delayedRetry?: {
    readonly type: "all" | "failed" | "returned";
    /** Unit: milliseconds. The delay grows by this much with each failed delivery. */
    readonly minMs: number;
    /** Unit: milliseconds. */
    readonly maxMs: number;
  };
}

export interface StreamQueue extends AnyQueue {
  readonly queueType: "stream";
  /** RabbitMQ's own spelling: a number and Y, M, D, h, m or s, as in `7D`. Whole segments go, never the last one. */
  readonly maxAge?: string;
  /** Unit: bytes. Whole segments go, never the last one. */
  readonly maxBytes?: number;
  /** Unit: bytes. Retention works in steps of this size. @default the broker's: 500,000,000 */
  readonly segmentBytes?: number;
  /** Unit: bytes of the Bloom filter of each chunk, 16 to 255. RabbitMQ 3.13 and later. */
  readonly filterSizeBytes?: number;
  /** Replicas made at creation. Unit: nodes. */
  readonly initialClusterSize?: number;
  readonly leaderLocator?: LeaderLocator;
}

export type LeaderLocator = "client-local" | "balanced";
