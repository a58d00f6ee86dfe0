import { queueArguments, type ExchangeSpec, type QueueSpec, type Topology } from "@warren/topology";
import type { RawChannel } from "./amqplib-parts.ts";
import { closeChannel, openChannel } from "./channel.ts";
import { managed, type Connection } from "./connection.ts";
import { explainRefusal, type Step } from "./declare-refusal.ts";
import { ConnectionLost, TopologyError, type TopologyFailure } from "./errors.ts";
import type { Link } from "./link.ts";

/**
 * Applies a topology in order: exchanges, queues, bindings. Idempotent; deletes nothing. Waits for the connection to be
 * open. Throws `TopologyError` naming every failure, what differs and what to do; bindings of what failed are left out.
 * Throws `ConnectionLost` when the connection goes meanwhile, `ConnectionClosed` or `ConnectionRefused` as `opened` does.
 */
export async function declareTopology(connection: Connection, topology: Topology, signal?: AbortSignal): Promise<void> {
  await connection.opened(signal);
  const { link } = managed(connection);
  if (link === undefined) throw new ConnectionLost("the connection was lost before the topology was declared");
  await declareOn(link, topology);
}

export async function declareOn(link: Link, topology: Topology): Promise<void> {
  const steps = new Steps(link);
  try {
    for (const exchange of topology.exchanges) {
      const { name } = exchange;
      await steps.run({ kind: "exchange", name }, (channel) => declareExchange(channel, exchange));
    }
    for (const queue of topology.queues) {
      const { name, queueType } = queue;
      const shownKind = queueType === "stream" ? "stream" : "queue";
      await steps.run({ kind: "queue", name, shownKind }, (channel) =>
        declareQueue(channel, queue, link.server.version),
      );
    }
    for (const { exchange, queue, pattern } of topology.bindings) {
      if (steps.failed("exchange", exchange) || steps.failed("queue", queue)) continue;
      const name = `${exchange} → ${queue} (${pattern})`;
      await steps.run({ kind: "binding", name }, (channel) => channel.bindQueue(queue, exchange, pattern));
    }
  } finally {
    await steps.close();
  }
  if (steps.failures.length > 0) throw new TopologyError(steps.failures);
}

function declareExchange(channel: RawChannel, exchange: ExchangeSpec): Promise<unknown> {
  if (exchange.declare === false) return channel.checkExchange(exchange.name);
  const { name, type, alternateExchange } = exchange;
  return channel.assertExchange(name, type, {
    durable: true,
    ...(alternateExchange === undefined ? {} : { alternateExchange }),
  });
}

function declareQueue(channel: RawChannel, queue: QueueSpec, brokerVersion: string): Promise<unknown> {
  if (queue.declare === false) return channel.checkQueue(queue.name);
  const exclusive = queue.queueType === "classic" && queue.exclusive === true;
  // An exclusive queue goes with its connection: RabbitMQ 4.3 refuses any other queue that is not durable.
  return channel.assertQueue(queue.name, {
    durable: !exclusive,
    exclusive,
    arguments: queueArguments(queue, brokerVersion),
  });
}

/** Runs each step on a channel that is still whole: a refusal costs the channel it came on. */
class Steps {
  readonly failures: TopologyFailure[] = [];
  readonly #link: Link;
  #channel: RawChannel | undefined;

  constructor(link: Link) {
    this.#link = link;
  }

  async run(step: Step, declare: (channel: RawChannel) => Promise<unknown>): Promise<void> {
    try {
      this.#channel ??= await openChannel(this.#link, { closed: () => (this.#channel = undefined), threw: () => {} });
      await declare(this.#channel);
    } catch (error) {
      if (this.#link.lost !== undefined) throw this.#link.lost;
      this.failures.push(explainRefusal(step, error as Error));
    }
  }

  failed(kind: TopologyFailure["kind"], name: string): boolean {
    return this.failures.some((failure) => failure.kind === kind && failure.name === name);
  }

  async close(): Promise<void> {
    if (this.#channel !== undefined) await closeChannel(this.#channel, CLOSE_TIMEOUT_MS);
  }
}

/** Unit: milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;
