import { createConsumer, type Connection, type Consumer, type Delivery } from "@warren/amqp";
import { recordCheck } from "@warren/event-log";
import { MARKS_EXCHANGE, type Topology } from "@warren/topology";
import { identify } from "../load/publication.ts";
import type { AuditedRecord, LogCopy } from "./log-copy.ts";
import type { TopicTable } from "./topics.ts";

const PREFETCH = 1_000;
/** How far back the auditor goes whenever it attaches, to see that what it read still stands. Unit: records. */
const LOOK_BACK = 500;
const REREAD_TIMEOUT_MS = 120_000;

export interface AuditorOptions {
  readonly connection: Connection;
  readonly queue: string;
  /** Declared before each attach, so that a log that was deleted is made again. */
  readonly topology: Topology;
  readonly copy: LogCopy;
  readonly topics: TopicTable;
  /** Unit: milliseconds since the campaign began. */
  readonly nowMs: () => number;
}

/**
 * Reads one log by itself, as a plain stream consumer: it uses nothing of the product's log but the check that positions
 * are made of. What it saw is the truth that clients are judged by, and at the end it reads the log again, to be sure of
 * itself.
 */
export class Auditor {
  readonly #options: AuditorOptions;
  #consumer: Consumer | undefined;

  constructor(options: AuditorOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    this.#follow();
    await this.#consumer!.ready;
  }

  /** Runs `remove`, which deletes the log, and begins a new copy of what comes after. */
  async through(remove: () => Promise<unknown>): Promise<void> {
    await this.#consumer?.close();
    this.#options.copy.beginLife(this.#options.nowMs());
    try {
      await remove();
    } finally {
      this.#follow();
    }
  }

  async stop(): Promise<void> {
    await this.#consumer?.close();
  }

  /** Reads the log from its first record to the last that was seen; returns what differs from the copy. */
  async reread(): Promise<string[]> {
    const { connection, queue, copy } = this.#options;
    const { life } = copy;
    const differences: string[] = [];
    if (life.last < 0) return differences;
    const done = Promise.withResolvers<void>();
    const deadline = setTimeout(
      () => done.reject(new Error(`"${queue}" could not be read again within ${REREAD_TIMEOUT_MS} ms`)),
      REREAD_TIMEOUT_MS,
    );
    let at = -1;
    const compare = (record: AuditedRecord) => {
      if (record.offset <= at) return;
      const skipped = at < 0 ? (copy.mayLose ? record.offset : life.first) : at + 1;
      for (let offset = skipped; offset < record.offset; offset++)
        if (life.has(offset)) differences.push(`offset ${offset} is gone`);
      at = record.offset;
      if (at > life.last) return;
      if (!life.has(at)) differences.push(`offset ${at} was never seen`);
      else if (!life.stands(at, record.check)) differences.push(`offset ${at} is another record`);
    };
    const consumer = createConsumer(connection, {
      queue,
      prefetch: PREFETCH,
      arguments: () => ({ "x-stream-offset": at < 0 ? "first" : at + 1 }),
      onDeliveries: (deliveries) => {
        for (const delivery of deliveries) compare(this.#read(delivery));
        deliveries.at(-1)?.ackUpTo();
        if (at >= life.last) done.resolve();
      },
    });
    try {
      await done.promise;
      return differences;
    } finally {
      clearTimeout(deadline);
      await consumer.close();
    }
  }

  #follow(): void {
    const { connection, queue, topology, copy } = this.#options;
    this.#consumer = createConsumer(connection, {
      queue,
      topology,
      prefetch: PREFETCH,
      arguments: () => {
        const { first, last } = copy.life;
        return { "x-stream-offset": last < 0 ? "first" : Math.max(first, last - LOOK_BACK) };
      },
      onDeliveries: (deliveries) => {
        for (const delivery of deliveries) this.#take(this.#read(delivery));
        deliveries.at(-1)?.ackUpTo();
      },
    });
  }

  #take(record: AuditedRecord): void {
    const { copy, nowMs } = this.#options;
    const { offset, check } = record;
    if (copy.life.last >= offset) {
      if (copy.life.stands(offset, check) || copy.life.wasUnseen(offset)) return;
      copy.loseFrom(offset);
    }
    copy.append(record, nowMs());
  }

  #read({ body, routingKey, exchange, properties }: Delivery): AuditedRecord {
    const { headers, messageId: id, timestamp } = properties;
    const precise = headers["timestamp_in_ms"];
    const time = typeof precise === "number" ? precise : timestamp === undefined ? undefined : timestamp * 1_000;
    const mark = exchange === MARKS_EXCHANGE;
    return {
      offset: headers["x-stream-offset"] as number,
      check: Number.parseInt(recordCheck({ topic: routingKey, id, time, body }), 16),
      topic: mark ? undefined : this.#options.topics.numberOf(routingKey),
      number: mark ? 0 : identify(body),
    };
  }
}
