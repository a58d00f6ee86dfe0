import type { Topology } from "@warren/topology";
import type { ConsumeMessage } from "amqplib";
import { expectWithin } from "./bounds.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import { closeChannel, openChannel } from "./channel.ts";
import { managed, type Connection, type ManagedConnection, type Tenant } from "./connection.ts";
import { declareOn } from "./declare.ts";
import { DeliveryChannel, ReceivedDelivery, type Delivery } from "./delivery.ts";
import { ConnectionClosed } from "./errors.ts";
import type { RawChannel } from "./amqplib-parts.ts";
import type { Link } from "./link.ts";

export interface ConsumerOptions {
  readonly queue: string;
  /** Unit: messages delivered and not yet settled. 1 to 65,535: streams refuse to deliver without a bound. */
  readonly prefetch: number;
  /** Asked at every attach, so that a stream resumes where it stands. */
  arguments?(): Record<string, unknown>;
  /** Declared before each attach, so that a queue that was deleted is there again. */
  readonly topology?: Topology;
  /**
   * A burst: all that one read from the socket brought, in order. When it throws, the error is logged, the consumer
   * detaches, and after a backoff attaches again: the broker then delivers again what was not settled.
   */
  onDeliveries(deliveries: readonly Delivery[]): void;
  onAttached?(): void;
  /** Cancelled by the broker, channel or connection lost, queue missing, handler threw. It keeps trying, with backoff. */
  onDetached?(reason: string): void;
}

export interface Consumer {
  readonly attached: boolean;
  /** Resolves when first attached; rejects with `ConnectionClosed` or `ConnectionRefused` if that will never be. */
  readonly ready: Promise<void>;
  /** No delivery is handed over after this was called; what is unsettled goes back to the queue. Never rejects. */
  close(): Promise<void>;
}

/** Throws `TypeError` for options that no broker would take. */
export function createConsumer(connection: Connection, options: ConsumerOptions): Consumer {
  expectWithin("prefetch", options.prefetch, 1, 65_535);
  return new QueueConsumer(managed(connection), options);
}

/**
 *   away       the connection is not open; waiting for it.
 *   attaching  declares, opens a channel, sets prefetch, consumes. A failure leads to `pausing`.
 *   attached   deliveries come. Ends when the broker cancels, the channel or the link goes, or the handler throws.
 *   pausing    a backoff, then `attaching` again on the same link.
 *   closed     for good.
 *
 * Each attach is one `Attachment`, and what an older one still hears is ignored.
 */
class QueueConsumer implements Consumer, Tenant {
  readonly ready: Promise<void>;
  readonly #options: ConsumerOptions;
  readonly #connection: ManagedConnection;
  readonly #backoff: Backoff;
  readonly #leave: () => void;
  #settleReady: { resolve(): void; reject(reason: Error): void };
  #link: Link | undefined;
  #attachment: Attachment | undefined;
  #pause: NodeJS.Timeout | undefined;
  #lastReason: string | undefined;
  #closed = false;

  constructor(connection: ManagedConnection, options: ConsumerOptions) {
    this.#connection = connection;
    this.#options = options;
    this.#backoff = createBackoff(connection.backoff.initialMs, connection.backoff.maxMs);
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#settleReady = { resolve, reject };
    // Whoever does not ask for `ready` must not be ended by its rejection.
    promise.catch(() => {});
    this.#leave = connection.join(this);
  }

  get attached(): boolean {
    return this.#attachment?.consuming === true;
  }

  up(link: Link): void {
    this.#link = link;
    this.#backoff.reset();
    void this.#attach(link);
  }

  down(reason: Error): void {
    this.#link = undefined;
    this.#detach(this.#attachment, reason.message);
  }

  gone(reason: Error): void {
    this.#link = undefined;
    this.#closed = true;
    this.#detach(this.#attachment, reason.message);
    this.#settleReady.reject(reason);
  }

  async close(): Promise<void> {
    this.#closed = true;
    this.#leave();
    clearTimeout(this.#pause);
    const attachment = this.#attachment;
    this.#attachment = undefined;
    this.#settleReady.reject(new ConnectionClosed(`the consumer of queue "${this.#options.queue}" is closed`));
    await attachment?.end();
  }

  async #attach(link: Link): Promise<void> {
    const { queue, prefetch, topology } = this.#options;
    const attachment = new Attachment({
      attached: () => this.#attached(attachment),
      deliveries: (deliveries) => this.#deliver(attachment, deliveries),
      ended: (reason) => this.#detach(attachment, reason),
      threw: (error) => this.#connection.logger.error({ queue, err: error }, "an error in amqplib's consumer"),
    });
    this.#attachment = attachment;
    try {
      if (topology !== undefined) await declareOn(link, topology);
      if (this.#attachment !== attachment) return;
      await attachment.begin(link, queue, prefetch, this.#options.arguments?.() ?? {});
    } catch (error) {
      this.#detach(attachment, (error as Error).message);
    }
  }

  #attached(attachment: Attachment): void {
    if (this.#attachment !== attachment) return;
    this.#lastReason = undefined;
    this.#settleReady.resolve();
    this.#call(() => this.#options.onAttached?.());
  }

  #deliver(attachment: Attachment, deliveries: readonly Delivery[]): void {
    if (this.#attachment !== attachment) return;
    try {
      this.#options.onDeliveries(deliveries);
    } catch (error) {
      const { queue } = this.#options;
      this.#connection.logger.error(
        { queue, err: error },
        `the handler of queue "${queue}" threw; its deliveries come again`,
      );
      this.#detach(attachment, `onDeliveries threw: ${String(error)}`);
    }
  }

  /** Ends one attachment, once, and sees to the next if the link still stands. */
  #detach(attachment: Attachment | undefined, reason: string): void {
    if (attachment === undefined || this.#attachment !== attachment) return;
    this.#attachment = undefined;
    void attachment.end();
    if (attachment.lastedMs > STABLE_MS) this.#backoff.reset();
    if (reason !== this.#lastReason) {
      this.#lastReason = reason;
      const { queue } = this.#options;
      if (!this.#closed) this.#connection.logger.warn({ queue }, `detached from queue "${queue}": ${reason}`);
      this.#call(() => this.#options.onDetached?.(reason));
    }
    const link = this.#link;
    if (link === undefined || this.#closed) return;
    this.#pause = setTimeout(() => {
      if (this.#link === link && !this.#closed) void this.#attach(link);
    }, this.#backoff.next());
  }

  #call(callback: () => void): void {
    try {
      callback();
    } catch (error) {
      this.#connection.logger.error({ queue: this.#options.queue, err: error }, "a listener of the consumer threw");
    }
  }
}

interface AttachmentListener {
  attached(): void;
  deliveries(deliveries: readonly Delivery[]): void;
  ended(reason: string): void;
  threw(error: unknown): void;
}

/** One channel with one consumer on it. */
class Attachment {
  readonly #listener: AttachmentListener;
  readonly #since = performance.now();
  #channel: RawChannel | undefined;
  #deliveries: DeliveryChannel | undefined;
  #burst: Delivery[] = [];
  #ended = false;
  consuming = false;

  constructor(listener: AttachmentListener) {
    this.#listener = listener;
  }

  /** Unit: milliseconds. */
  get lastedMs(): number {
    return this.consuming ? performance.now() - this.#since : 0;
  }

  async begin(link: Link, queue: string, prefetch: number, args: Record<string, unknown>): Promise<void> {
    const channel = await openChannel(link, {
      closed: (reason) => {
        if (this.#deliveries !== undefined) this.#deliveries.open = false;
        this.#listener.ended(reason.message);
      },
      threw: (error) => this.#listener.threw(error),
    });
    this.#channel = channel;
    if (this.#ended) return void closeChannel(channel, CLOSE_TIMEOUT_MS);
    const deliveries = new DeliveryChannel(channel);
    this.#deliveries = deliveries;
    await channel.prefetch(prefetch);
    await channel.consume(queue, (message) => this.#received(message, deliveries), { noAck: false, arguments: args });
    if (!this.#ended) this.#begun();
  }

  /** The broker redelivers what is unsettled. Settling becomes a no-op at once. */
  async end(): Promise<void> {
    if (this.#ended) return;
    this.#ended = true;
    this.#burst = [];
    if (this.#deliveries !== undefined) this.#deliveries.open = false;
    if (this.#channel !== undefined) await closeChannel(this.#channel, CLOSE_TIMEOUT_MS);
  }

  #begun(): void {
    if (this.consuming) return;
    this.consuming = true;
    this.#listener.attached();
  }

  #received(message: ConsumeMessage | null, channel: DeliveryChannel): void {
    if (this.#ended) return;
    if (message === null) {
      // RabbitMQ 4.3 keeps a consumer it cancelled registered until its channel is closed; so that is what ends here.
      queueMicrotask(() => this.#listener.ended("the broker cancelled the consumer: its queue was deleted, or moved"));
      return;
    }
    if (this.#burst.push(new ReceivedDelivery(message, channel)) === 1) queueMicrotask(() => this.#flush());
  }

  // amqplib hands over everything one socket read brought in one turn; the microtask runs right after it.
  #flush(): void {
    if (this.#ended || this.#burst.length === 0) return;
    this.#begun();
    const burst = this.#burst;
    this.#burst = [];
    this.#listener.deliveries(burst);
  }
}

/** Unit: milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Unit: milliseconds. */
const STABLE_MS = 2_000;
