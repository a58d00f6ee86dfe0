import { randomUUID } from "node:crypto";
import type { Publisher } from "@warren/amqp";
import { MARKS_EXCHANGE } from "@warren/topology";
import { LogUnavailable, type LogRecord } from "./event-log.ts";
import { MARK_TYPE } from "./mark.ts";
import type { StreamOffset, StreamWindow } from "./stream-window.ts";

export interface Bounds {
  readonly first: LogRecord;
  readonly last: LogRecord;
}

export interface StreamBoundsParts {
  readonly queue: string;
  readonly publisher: Publisher;
  /** Unit: milliseconds. */
  readonly timeoutMs: number;
  readonly open: (offset: StreamOffset, prefetch: number) => StreamWindow;
  /** Declares the stream and the way its marks take to it. */
  readonly declare: () => Promise<void>;
}

const EMPTY = Buffer.alloc(0);
// On a busy stream the mark comes among others, all of which are read on the way to it.
const MARK_PREFETCH = 200;

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
      return await this.#find(window, () => true);
    } finally {
      void window.close();
    }
  }

  async #round(previous: Promise<unknown>): Promise<Bounds> {
    await previous;
    const known = this.#declared !== undefined;
    try {
      return await this.#attempt();
    } catch (error) {
      this.#declared = undefined;
      if (!known) throw unavailable(this.#parts.queue, error);
    }
    // Somebody may have deleted the stream, its binding or the exchange since they were declared.
    try {
      return await this.#attempt();
    } catch (error) {
      this.#declared = undefined;
      throw unavailable(this.#parts.queue, error);
    }
  }

  async #attempt(): Promise<Bounds> {
    const { queue, publisher, timeoutMs, open } = this.#parts;
    this.#declared ??= this.#parts.declare();
    await within(this.#declared, timeoutMs, `its topology could not be declared in ${timeoutMs} ms`);
    // Attached before the mark is sent: from "next" the mark cannot be missed, and in an empty log it is the first too.
    const start = open("first", 1);
    const end = open("next", MARK_PREFETCH);
    try {
      const attached = Promise.all([start.attached, end.attached]);
      await within(attached, timeoutMs, `no answer to a consumer in ${timeoutMs} ms`);
      const id = randomUUID();
      this.#gathering = undefined;
      const published = publisher.publish({
        exchange: MARKS_EXCHANGE,
        routingKey: queue,
        body: EMPTY,
        id,
        type: MARK_TYPE,
        timestampMs: Date.now(),
        timeoutMs,
      });
      await published;
      const [first, last] = await Promise.all([
        this.#find(start, () => true),
        this.#find(end, (record) => record.mark && record.id === id),
      ]);
      return { first, last };
    } finally {
      void start.close();
      void end.close();
    }
  }

  async #find(window: StreamWindow, wanted: (record: LogRecord) => boolean): Promise<LogRecord> {
    const { queue, timeoutMs } = this.#parts;
    const deadline = performance.now() + timeoutMs;
    for (;;) {
      const left = deadline - performance.now();
      if (left <= 0) throw new LogUnavailable(`log "${queue}" brought nothing in ${timeoutMs} ms`);
      const found = (await window.next(left)).find(wanted);
      if (found !== undefined) return found;
      if (window.ended) throw new LogUnavailable(`the reading of log "${queue}" was ended`);
    }
  }
}

async function within<Value>(promise: Promise<Value>, timeoutMs: number, otherwise: string): Promise<Value> {
  const timeout = Promise.withResolvers<never>();
  const timer = setTimeout(() => timeout.reject(new LogUnavailable(otherwise)), timeoutMs);
  try {
    return await Promise.race([promise, timeout.promise]);
  } finally {
    clearTimeout(timer);
  }
}

function unavailable(queue: string, cause: unknown): LogUnavailable {
  if (cause instanceof LogUnavailable) return cause;
  const why = cause instanceof Error ? cause.message : String(cause);
  return new LogUnavailable(`log "${queue}" cannot say where it ends: ${why}`, { cause });
}
