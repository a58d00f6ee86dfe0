import { compareVersions } from "./broker-version.ts";
import type { ClassicQueue, QueueSpec, QuorumQueue, StreamQueue } from "./queue.ts";

/** AMQP arguments of a queue.declare. */
export type QueueArguments = Record<string, string | number | boolean>;

/**
 * The arguments that this version of RabbitMQ is to get. A broker ignores arguments that no queue type of it knows, and
 * refuses ones that only another type knows, so nothing is sent to a version that would not act on it.
 */
export function queueArguments(queue: QueueSpec, brokerVersion: string): QueueArguments {
  const args: QueueArguments = {};
  for (const [name, value] of Object.entries(draft(queue, brokerVersion))) if (value !== undefined) args[name] = value;
  return args;
}

/** What the spec asks for; undefined where it is silent or the broker's version knows no such argument. */
type Draft = Record<string, string | number | boolean | undefined>;

function draft(queue: QueueSpec, version: string): Draft {
  if (queue.queueType === "classic") return classic(queue);
  return queue.queueType === "quorum" ? quorum(queue, version) : stream(queue, version);
}

function classic(queue: ClassicQueue): Draft {
  return {
    "x-queue-type": "classic",
    ...limits(queue),
    "x-overflow": queue.overflow,
    "x-max-priority": queue.maxPriority,
  };
}

function quorum(queue: QuorumQueue, version: string): Draft {
  const delayedRetry = since(version, "4.3.0") ? queue.delayedRetry : undefined;
  return {
    "x-queue-type": "quorum",
    ...limits(queue),
    "x-overflow": queue.overflow,
    "x-delivery-limit": deliveryLimit(queue.deliveryLimit, version),
    "x-dead-letter-strategy": queue.deadLetterStrategy,
    "x-quorum-initial-group-size": queue.initialGroupSize,
    "x-queue-leader-locator": queue.leaderLocator,
    "x-consumer-timeout": since(version, "3.12.0") ? queue.consumerTimeoutMs : undefined,
    "x-delayed-retry-type": delayedRetry?.type,
    "x-delayed-retry-min": delayedRetry?.minMs,
    "x-delayed-retry-max": delayedRetry?.maxMs,
  };
}

function stream(queue: StreamQueue, version: string): Draft {
  return {
    "x-queue-type": "stream",
    "x-max-age": queue.maxAge,
    "x-max-length-bytes": queue.maxBytes,
    "x-stream-max-segment-size-bytes": queue.segmentBytes,
    "x-stream-filter-size-bytes": since(version, "3.13.0") ? queue.filterSizeBytes : undefined,
    "x-initial-cluster-size": queue.initialClusterSize,
    "x-queue-leader-locator": queue.leaderLocator,
  };
}

function limits(queue: ClassicQueue | QuorumQueue): Draft {
  return {
    "x-message-ttl": queue.messageTtlMs,
    "x-expires": queue.expiresMs,
    "x-max-length": queue.maxLength,
    "x-max-length-bytes": queue.maxBytes,
    "x-dead-letter-exchange": queue.deadLetterExchange,
    "x-dead-letter-routing-key": queue.deadLetterRoutingKey,
    "x-single-active-consumer": queue.singleActiveConsumer === true ? true : undefined,
  };
}

// Before 4.0 the broker compares the count with -1 as it stands and dead-letters on the first return; there, no limit
// is the default.
function deliveryLimit(limit: QuorumQueue["deliveryLimit"], version: string): number | undefined {
  if (limit !== "unlimited") return limit;
  return since(version, "4.0.0") ? -1 : undefined;
}

function since(version: string, first: string): boolean {
  return compareVersions(version, first) >= 0;
}
