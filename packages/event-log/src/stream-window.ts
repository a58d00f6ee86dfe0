import { createConsumer, type Connection, type Consumer, type Delivery } from "@warren/amqp";
import { LogUnavailable, type LogRecord } from "./event-log.ts";
import { decodeRecord } from "./stream-record.ts";

export type StreamOffset = number | "first" | "next";

export interface StreamWindowOptions {
  readonly connection: Connection;
  readonly queue: string;
  readonly offset: StreamOffset;
  /** Unit: records. The most that is in memory. */
  readonly prefetch: number;
}

/**
 * A stream from one offset on, pulled: the broker gets credit for a batch when the next one is asked for. It does not
 * outlive its connection: a stream that was lost may be another one when it is found again.
 */
export class StreamWindow {
  /** Resolves when the broker has accepted the consumer: what is published from then on will arrive. */
  readonly attached: Promise<void>;

  readonly #options: StreamWindowOptions;
  readonly #attached = Promise.withResolvers<void>();
  readonly #consumer: Consumer | undefined;
  // A batch is a quarter of the window, so that the broker refills it while the rest is consumed.
  readonly #batch: number;
  #deliveries: Delivery[] = [];
  #taken: Delivery | undefined;
  #fault: LogUnavailable | undefined;
  #ended = false;
  #onEnd: (() => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(options: StreamWindowOptions) {
    const { connection, queue, offset, prefetch } = options;
    this.#options = options;
    this.#batch = Math.max(1, prefetch >> 2);
    this.attached = this.#attached.promise;
    this.attached.catch(() => undefined);
    if (connection.state !== "open") {
      this.fail(`the connection is ${connection.state}`);
      return;
    }
    this.#consumer = createConsumer(connection, {
      queue,
      prefetch,
      arguments: () => ({ "x-stream-offset": offset }),
      onDeliveries: (deliveries) => {
        for (const delivery of deliveries) this.#deliveries.push(delivery);
        this.#wake?.();
      },
      onAttached: () => this.#attached.resolve(),
      onDetached: (reason) => this.fail(reason),
    });
    this.#consumer.ready.catch((error: unknown) => this.fail(String(error)));
    if (this.#ended) void this.#consumer.close();
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** Called once, when the window is closed or has failed; at once when it was already. */
  onEnd(listener: () => void): void {
    this.#onEnd = listener;
    if (this.#ended) listener();
  }

  /**
   * The next batch, in order; empty when none came in time or the window was closed. Throws `LogUnavailable` when the
   * stream was lost.
   *
   * @param timeoutMs unit: milliseconds
   */
  async next(timeoutMs: number): Promise<readonly LogRecord[]> {
    this.#taken?.ackUpTo();
    this.#taken = undefined;
    if (this.#deliveries.length === 0 && !this.#ended) await this.#arrival(timeoutMs);
    if (this.#fault !== undefined) throw this.#fault;
    const batch = this.#deliveries.splice(0, this.#batch);
    this.#taken = batch.at(-1);
    return batch.map(decodeRecord);
  }

  fail(reason: string): void {
    if (this.#ended) return;
    const Fault = this.#options.connection.state === "open" ? ReadingLost : LogUnavailable;
    this.#fault = new Fault(`log "${this.#options.queue}" cannot be read: ${reason}`);
    this.#attached.reject(this.#fault);
    void this.close();
  }

  async close(): Promise<void> {
    if (!this.#ended) {
      this.#ended = true;
      this.#deliveries = [];
      this.#taken = undefined;
      this.#attached.reject(new LogUnavailable(`the reading of log "${this.#options.queue}" was ended`));
      this.#wake?.();
      this.#onEnd?.();
    }
    await this.#consumer?.close();
  }

  async #arrival(timeoutMs: number): Promise<void> {
    const arrived = Promise.withResolvers<void>();
    const timer = setTimeout(arrived.resolve, timeoutMs);
    this.#wake = arrived.resolve;
    await arrived.promise;
    this.#wake = undefined;
    clearTimeout(timer);
  }
}

/**
 * The stream went from under its reader while the connection stands: it was deleted, or the broker, which has just
 * started, is still bringing it up. Unlike a lost connection that may be over in a moment.
 */
export class ReadingLost extends LogUnavailable {}
