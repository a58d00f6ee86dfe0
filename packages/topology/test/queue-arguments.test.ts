import { expect, test } from "vitest";
import { queueArguments, type QueueSpec } from "../src/index.ts";

const VERSIONS = ["3.10.8", "3.12.0", "3.13.7", "4.0.1", "4.2.5", "4.3.6"];

/** Which versions get which argument; an argument that is not named here goes to all. */
const gated: { queue: QueueSpec; argument: string; value: unknown; versions: string[] }[] = [
  {
    queue: { queueType: "quorum", name: "q", consumerTimeoutMs: 60_000 },
    argument: "x-consumer-timeout",
    value: 60_000,
    versions: ["3.12.0", "3.13.7", "4.0.1", "4.2.5", "4.3.6"],
  },
  {
    queue: { queueType: "quorum", name: "q", deliveryLimit: "unlimited" },
    argument: "x-delivery-limit",
    value: -1,
    versions: ["4.0.1", "4.2.5", "4.3.6"],
  },
  {
    queue: { queueType: "quorum", name: "q", deliveryLimit: 5 },
    argument: "x-delivery-limit",
    value: 5,
    versions: VERSIONS,
  },
  {
    queue: { queueType: "quorum", name: "q", delayedRetry: { type: "failed", minMs: 1_000, maxMs: 60_000 } },
    argument: "x-delayed-retry-max",
    value: 60_000,
    versions: ["4.3.6"],
  },
  {
    queue: { queueType: "stream", name: "s", filterSizeBytes: 32 },
    argument: "x-stream-filter-size-bytes",
    value: 32,
    versions: ["3.13.7", "4.0.1", "4.2.5", "4.3.6"],
  },
];

test.each(gated)("$argument goes to $versions and to no other version", ({ queue, argument, value, versions }) => {
  const got = VERSIONS.filter((version) => argument in queueArguments(queue, version));
  expect(got).toEqual(versions);
  for (const version of versions) expect(queueArguments(queue, version)[argument]).toBe(value);
});

test.each<{ queue: QueueSpec; args: Record<string, unknown> }>([
  { queue: { queueType: "classic", name: "q" }, args: { "x-queue-type": "classic" } },
  {
    queue: {
      queueType: "classic",
      name: "q",
      exclusive: true,
      messageTtlMs: 1,
      expiresMs: 2,
      maxLength: 3,
      maxBytes: 4,
      overflow: "reject-publish-dlx",
      maxPriority: 5,
      singleActiveConsumer: true,
      deadLetterExchange: "dlx",
      deadLetterRoutingKey: "dead",
    },
    args: {
      "x-queue-type": "classic",
      "x-message-ttl": 1,
      "x-expires": 2,
      "x-max-length": 3,
      "x-max-length-bytes": 4,
      "x-overflow": "reject-publish-dlx",
      "x-max-priority": 5,
      "x-single-active-consumer": true,
      "x-dead-letter-exchange": "dlx",
      "x-dead-letter-routing-key": "dead",
    },
  },
  {
    queue: {
      queueType: "quorum",
      name: "q",
      deadLetterStrategy: "at-least-once",
      overflow: "reject-publish",
      initialGroupSize: 3,
      leaderLocator: "balanced",
      singleActiveConsumer: false,
    },
    args: {
      "x-queue-type": "quorum",
      "x-dead-letter-strategy": "at-least-once",
      "x-overflow": "reject-publish",
      "x-quorum-initial-group-size": 3,
      "x-queue-leader-locator": "balanced",
    },
  },
  {
    queue: { queueType: "stream", name: "s", maxAge: "7D", maxBytes: 1_000, segmentBytes: 100, initialClusterSize: 3 },
    args: {
      "x-queue-type": "stream",
      "x-max-age": "7D",
      "x-max-length-bytes": 1_000,
      "x-stream-max-segment-size-bytes": 100,
      "x-initial-cluster-size": 3,
    },
  },
])("a $queue.queueType queue is sent exactly what its spec says", ({ queue, args }) => {
  for (const version of VERSIONS) expect(queueArguments(queue, version)).toEqual(args);
});

test("what the spec leaves out is left to the broker", () => {
  expect(queueArguments({ queueType: "quorum", name: "q" }, "4.3.6")).toEqual({ "x-queue-type": "quorum" });
  expect(queueArguments({ queueType: "stream", name: "s" }, "4.3.6")).toEqual({ "x-queue-type": "stream" });
});
