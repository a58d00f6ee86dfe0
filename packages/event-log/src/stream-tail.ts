import { setTimeout as pause } from "node:timers/promises";
import { createConsumer, type Connection, type Consumer, type Delivery, type Logger } from "@warren/amqp";
import { after, before, type Position } from "@warren/events";
import type { Topology } from "@warren/topology";
import { LogUnavailable, type LogRecord, type ReadFrom, type Tail, type TailHandlers } from "./event-log.ts";
import { judge, stands } from "./position-proof.ts";
import type { Bounds } from "./stream-bounds.ts";
import { decodeRecord } from "./stream-record.ts";

export interface StreamTailParts {
  readonly connection: Connection;
  readonly queue: string;
  readonly topology: Topology;
  readonly from: ReadFrom;
  readonly handlers: TailHandlers;
  readonly logger: Logger;
  /** Unit: records. */
  readonly prefetch: number;
  /** Unit: milliseconds. How long the proof may take after an attach before the end of the log is looked up. */
  readonly proofMs: number;
  first(): Promise<LogRecord>;
  bounds(): Promise<Bounds>;
  /** Called once, when the tail is closed. */
  ended(): void;
}

/** Unit: milliseconds. */
const WATCH_MS = 1_000;
/** Of an idle log, whose oldest record costs a consumer to look up. */
const IDLE_TICKS = 30;

/**
 * See EventLog.tail.
 *
 *   detached    no consumer on the log; the consumer attaches by itself         attach  -> proving
 *   proving     attached at the position, inclusive; nothing arrived yet        a record -> following, or judging
 *               nothing in `proofMs`: does the log end before the position?     it does  -> detached, from its beginning
 *   judging     another record stands there, or records are missing between     the log's oldest record is known
 *               two: what arrives is held until it is known whether they are    -> following
 *               lost, bounded by the prefetch as nothing is settled             or, with another log, -> detached
 *   following   records go to the handlers as they arrive; when none does for a while, it is asked whether the log's
 *               oldest record is past the one expected: retention has passed the tail, and RabbitMQ 3.10 may then leave
 *               a consumer where it is, for ever and without a word                    it is -> detached
 *   closed      nothing is called any more
 *
 * From every state a lost connection leads to `detached`.
 */
export class StreamTail implements Tail {
  readonly ready: Promise<void>;

  readonly #parts: StreamTailParts;
  readonly #ready = Promise.withResolvers<void>();
  #state: "detached" | "proving" | "judging" | "following" | "closed" = "detached";
  #consumer: Consumer | undefined;
  // Counts attachments: what was asked during one that is over is not acted upon.
  #attachment = 0;
  // Where to go on: the last record handed over, or where the tail was to begin.
  #position: ReadFrom;
  // While following: a record at any other offset means that something stood between.
  #expected = 0;
  #held: LogRecord[] = [];
  // Of the last look-up: a hole before `upTo` lost nothing when the record before it is at or after `first`.
  #checked = { first: 0, upTo: -1 };
  #proof: NodeJS.Timeout | undefined;
  #watch: NodeJS.Timeout | undefined;
  #newest: Delivery | undefined;
  #unsettled = 0;

  constructor(parts: StreamTailParts) {
    this.#parts = parts;
    this.#position = parts.from;
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined);
    this.#consume();
  }

  async close(): Promise<void> {
    if (this.#state !== "closed") {
      this.#leave("closed");
      this.#ready.reject(
        new LogUnavailable(`the tail of log "${this.#parts.queue}" was closed before it was attached`),
      );
      this.#parts.ended();
    }
    await this.#consumer?.close();
  }

  #consume(): void {
    const { connection, queue, topology, prefetch } = this.#parts;
    const consumer = createConsumer(connection, {
      queue,
      prefetch,
      topology,
      arguments: () => {
        const position = this.#position;
        return { "x-stream-offset": position === "first" ? "first" : position.offset };
      },
      onAttached: () => this.#attached(),
      onDeliveries: (deliveries) => this.#deliver(deliveries),
      onDetached: (reason) => this.#detached(reason),
    });
    consumer.ready.catch((error: unknown) => this.#ready.reject(error));
    this.#consumer = consumer;
  }

  #attached(): void {
    if (this.#state === "closed") return;
    this.#leave("proving");
    this.#watchOver();
    this.#ready.resolve();
    const attachment = this.#attachment;
    this.#parts.handlers.attached(true);
    const position = this.#position;
    if (
      this.#attachment !== attachment ||
      position === "first" ||
      (position.offset === 0 && position.check === undefined)
    )
      return;
    this.#awaitProof(position, attachment);
  }

  #detached(reason: string): void {
    const attached = this.#state !== "closed" && this.#state !== "detached";
    if (!attached) return;
    this.#leave("detached");
    this.#parts.handlers.attached(false, reason);
  }

  #leave(state: "detached" | "proving" | "closed"): void {
    this.#state = state;
    this.#attachment += 1;
    this.#held = [];
    this.#checked = { first: 0, upTo: -1 };
    this.#newest = undefined;
    this.#unsettled = 0;
    clearTimeout(this.#proof);
    clearInterval(this.#watch);
  }

  /** Looks once a second whether anything came, and the first time nothing did, then ever more seldom, why. */
  #watchOver(): void {
    const attachment = this.#attachment;
    let seen = -1;
    let idle = 0;
    this.#watch = setInterval(() => {
      if (this.#state !== "following") return;
      if (this.#expected !== seen) {
        seen = this.#expected;
        idle = 0;
        return;
      }
      idle++;
      if (idle === 1 || idle % IDLE_TICKS === 0) this.#guard(this.#findPassed(attachment, seen));
    }, WATCH_MS);
    this.#watch.unref();
  }

  async #findPassed(attachment: number, expected: number): Promise<void> {
    const first = await this.#parts.first().catch((error: unknown) => this.#report(error));
    const standing = this.#attachment === attachment && this.#state === "following" && this.#expected === expected;
    if (!standing || first === undefined || first.offset <= expected) return;
    this.#parts.logger.warn(
      { log: this.#parts.queue, expected, first: first.offset },
      "retention has passed the tail, which the broker left standing",
    );
    this.#restart();
  }

  #deliver(deliveries: readonly Delivery[]): void {
    if (this.#state === "closed" || this.#state === "detached") return;
    const records = deliveries.map(decodeRecord);
    this.#newest = deliveries.at(-1);
    this.#unsettled += deliveries.length;
    if (this.#state === "judging") this.#held.push(...records);
    else this.#take(records);
    if (this.#state !== "judging") this.#settle();
  }

  #take(records: readonly LogRecord[]): void {
    if (this.#state === "following") {
      this.#follow(records);
      return;
    }
    const landed = records[0];
    if (landed === undefined) return;
    clearTimeout(this.#proof);
    const position = this.#position;
    if (position !== "first" && !stands(position, landed)) {
      this.#hold(records);
      this.#guard(this.#judge((first) => this.#settleStart(position, landed, first)));
      return;
    }
    this.#state = "following";
    this.#expected = landed.offset;
    if (position === "first" || position.before) {
      this.#follow(records);
    } else {
      this.#expected += 1;
      this.#follow(records.slice(1));
    }
  }

  #follow(arrived: readonly LogRecord[]): void {
    // A stream never goes back within one attachment; if a broker did, it would be a repeat.
    const repeats = arrived[0] !== undefined && arrived[0].offset < this.#expected;
    const records = repeats ? arrived.filter((record) => record.offset >= this.#expected) : arrived;
    for (let index = 0; index < records.length; index++) {
      const { offset } = records[index]!;
      const hole = offset !== this.#expected && !this.#isSound(offset);
      if (hole) {
        this.#hand(index === 0 ? [] : records.slice(0, index));
        const missing = this.#expected;
        this.#hold(records.slice(index));
        this.#guard(this.#judge((first) => this.#settleHole(missing, first)));
        return;
      }
      this.#expected = offset + 1;
    }
    this.#hand(records);
  }

  #isSound(offset: number): boolean {
    return offset <= this.#checked.upTo && this.#expected > this.#checked.first;
  }

  #hand(records: readonly LogRecord[]): void {
    const last = records.at(-1);
    if (last === undefined) return;
    this.#position = after(last.offset, last.check);
    this.#parts.handlers.records(records);
  }

  #hold(records: readonly LogRecord[]): void {
    this.#state = "judging";
    this.#held = [...records];
  }

  /** Asks for the oldest record of the log, for as long as this attachment lasts, and goes on with what was held. */
  async #judge(settle: (first: LogRecord) => void): Promise<void> {
    const attachment = this.#attachment;
    while (this.#attachment === attachment) {
      const first = await this.#parts.first().catch((error: unknown) => this.#report(error));
      if (this.#attachment !== attachment) return;
      if (first === undefined) {
        await pause(this.#parts.proofMs, undefined, { ref: false });
        continue;
      }
      const held = this.#held;
      this.#checked = { first: first.offset, upTo: held.at(-1)!.offset };
      settle(first);
      if (this.#attachment !== attachment) return;
      this.#held = [];
      this.#state = "following";
      this.#follow(held);
      this.#settle();
      return;
    }
  }

  #settleStart(position: Position, landed: LogRecord, first: LogRecord): void {
    const start = judge(position, landed, first);
    if (start.found === "gap") {
      this.#position = start.to;
      this.#parts.handlers.gap(start);
      if (start.to.offset !== landed.offset) {
        this.#restart();
        return;
      }
    }
    this.#expected = landed.offset;
  }

  #settleHole(missing: number, first: LogRecord): void {
    const next = this.#held[0]!;
    if (first.offset >= missing && this.#position !== "first") {
      const to = before(next.offset, next.check);
      const gap = { found: "gap", reason: "retention", from: this.#position, to } as const;
      this.#position = to;
      this.#parts.handlers.gap(gap);
    }
    this.#expected = next.offset;
  }

  /** Attaches anew at the position, which was moved to the beginning of another log. */
  #restart(): void {
    if (this.#state === "closed") return;
    const consumer = this.#consumer;
    this.#detached("it goes on from another place");
    void consumer?.close();
    this.#consume();
  }

  #awaitProof(position: Position, attachment: number): void {
    this.#proof = setTimeout(() => this.#guard(this.#findEnd(position, attachment)), this.#parts.proofMs);
  }

  async #findEnd(position: Position, attachment: number): Promise<void> {
    const bounds = await this.#parts.bounds().catch((error: unknown) => this.#report(error));
    if (this.#attachment !== attachment || this.#state !== "proving") return;
    if (bounds === undefined || bounds.last.offset >= position.offset) {
      this.#awaitProof(position, attachment);
      return;
    }
    const gap = judge(position, undefined, bounds.first);
    if (gap.found !== "gap") return;
    this.#position = gap.to;
    this.#parts.handlers.gap(gap);
    this.#restart();
  }

  /** A handler that throws in spite of its promise costs what it was called with, and not the tail. */
  #guard(step: Promise<void>): void {
    step.catch((error: unknown) => {
      this.#parts.logger.error({ err: error, log: this.#parts.queue }, "a handler of the tail threw");
      this.#restart();
    });
  }

  #report(error: unknown): undefined {
    this.#parts.logger.warn({ err: error, log: this.#parts.queue }, "the tail could not prove its position yet");
  }

  /** Credit is given back every tenth of the prefetch, and never while records are held. */
  #settle(): void {
    if (this.#unsettled * 10 < this.#parts.prefetch) return;
    this.#newest?.ackUpTo();
    this.#newest = undefined;
    this.#unsettled = 0;
  }
}
