import { randomUUID } from "node:crypto";
import { setTimeout as pause } from "node:timers/promises";
import { PublishError, TopologyError, type Publisher } from "@warren/amqp";
import { MARKS_EXCHANGE } from "@warren/topology";
import { LogUnavailable, type LogRecord } from "./event-log.ts";
import { MARK_TYPE } from "./mark.ts";
import { ReadingLost, type StreamOffset, type StreamWindow } from "./stream-window.ts";

export interface Bounds {
  readonly first: LogRecord;
  readonly last: LogRecord;
}

export interface StreamBoundsParts {
  readonly queue: string;
  readonly publisher: Publisher;
  /** Unit: milliseconds, for one round as a whole. */
  readonly timeoutMs: number;
  readonly open: (offset: StreamOffset, prefetch: number) => StreamWindow;
  /** Declares the stream and the way its marks take to it. */
  readonly declare: () => Promise<void>;
}

const EMPTY = Buffer.alloc(0);
// On a busy stream the mark comes among others, all of which are read on the way to it.
const MARK_PREFETCH = 200;
// For some tenths of a second after its own start RabbitMQ neither routes to its streams nor lets them be declared.
const RECOVERY_MS = 100;

/** Where a stream begins and ends. See EventLog.bounds. */
export class StreamBounds {
  readonly #parts: StreamBoundsParts;
  #declared: Promise<void> | undefined;
  // The round that has not sent its mark yet: calls made until then share it.
  #gathering: Promise<Bounds> | undefined;
  #latest: Promise<unknown> = Promise.resolve();

  constructor(parts: StreamBoundsParts) {
    this.#parts = parts;
  }

  bounds(): Promise<Bounds> {
    if (this.#gathering === undefined) {
      const round = this.#round(this.#latest);
      const over = (): void => {
        if (this.#gathering === round) this.#gathering = undefined;
      };
      this.#gathering = round;
      this.#latest = round.then(over, over);
    }
    return this.#gathering;
  }

  /** The oldest record of a log that is known to have one. Throws `LogUnavailable`. */
  async first(): Promise<LogRecord> {
    const window = this.#parts.open("first", 1);
    try {
      return await this.#find(window, performance.now() + this.#parts.timeoutMs, () => true);
    } finally {
      void window.close();
    }
  }

  async #round(previous: Promise<unknown>): Promise<Bounds> {
    await previous;
    const deadline = performance.now() + this.#parts.timeoutMs;
    // Somebody may have deleted the stream, its binding or the exchange since they were declared.
    for (let known = this.#declared !== undefined; ; known = false) {
      try {
        return await this.#attempt(deadline);
      } catch (error) {
        this.#declared = undefined;
        if (!known && !isRecovering(error)) throw unavailable(this.#parts.queue, error);
        if (performance.now() + RECOVERY_MS > deadline) throw unavailable(this.#parts.queue, error);
        if (!known) await pause(RECOVERY_MS);
      }
    }
  }

  async #attempt(deadline: number): Promise<Bounds> {
    const { queue, publisher, open } = this.#parts;
    this.#declared ??= this.#parts.declare();
    await this.#within(this.#declared, deadline, "its topology was not declared");
    // Attached before the mark is sent: from "next" the mark cannot be missed, and in an empty log it is the first too.
    const start = open("first", 1);
    const end = open("next", MARK_PREFETCH);
    try {
      await this.#within(Promise.all([start.attached, end.attached]), deadline, "no consumer was answered");
      const id = randomUUID();
      const published = publisher.publish({
        exchange: MARKS_EXCHANGE,
        routingKey: queue,
        body: EMPTY,
        id,
        type: MARK_TYPE,
        timestampMs: Date.now(),
        timeoutMs: Math.max(1, deadline - performance.now()),
      });
      this.#gathering = undefined;
      await published;
      const [first, last] = await Promise.all([
        this.#find(start, deadline, () => true),
        this.#find(end, deadline, (record) => record.mark && record.id === id),
      ]);
      return { first, last };
    } finally {
      void start.close();
      void end.close();
    }
  }

  async #find(window: StreamWindow, deadline: number, wanted: (record: LogRecord) => boolean): Promise<LogRecord> {
    const { queue, timeoutMs } = this.#parts;
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0) throw new LogUnavailable(`log "${queue}" brought nothing in ${timeoutMs} ms`);
      const found = (await window.next(left)).find(wanted);
      if (found !== undefined) return found;
      if (window.ended) throw new LogUnavailable(`the reading of log "${queue}" was ended`);
    }
  }

  async #within<Value>(promise: Promise<Value>, deadline: number, otherwise: string): Promise<Value> {
    const { queue, timeoutMs } = this.#parts;
    const timeout = Promise.withResolvers<never>();
    const timer = setTimeout(
      () => timeout.reject(new LogUnavailable(`log "${queue}": ${otherwise} in ${timeoutMs} ms`)),
      deadline - performance.now(),
    );
    try {
      return await Promise.race([promise, timeout.promise]);
    } finally {
      clearTimeout(timer);
    }
  }
}

/** What a broker answers that knows the stream and has not recovered it yet. */
function isRecovering(error: unknown): boolean {
  if (error instanceof PublishError) return error.code === "UNROUTABLE";
  if (error instanceof ReadingLost) return true;
  if (!(error instanceof TopologyError)) return false;
  return error.failures.every(({ kind, code }) => code === "DOWN" || (kind === "queue" && code === "MISSING"));
}

function unavailable(queue: string, cause: unknown): LogUnavailable {
  if (cause instanceof LogUnavailable) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LogUnavailable(`log "${queue}" cannot say where it ends: ${why}`, { cause });
}
