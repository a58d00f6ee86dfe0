import type { ConsumeMessage } from "amqplib";
import type { RawChannel } from "./amqplib-parts.ts";

/** AMQP basic properties, by amqplib's names. */
export interface DeliveryProperties {
  readonly headers: Readonly<Record<string, unknown>>;
  readonly messageId?: string | undefined;
  readonly type?: string | undefined;
  readonly contentType?: string | undefined;
  readonly contentEncoding?: string | undefined;
  /** Unit: seconds since the epoch. */
  readonly timestamp?: number | undefined;
  readonly correlationId?: string | undefined;
  readonly replyTo?: string | undefined;
  readonly expiration?: string | undefined;
  readonly priority?: number | undefined;
  readonly deliveryMode?: number | undefined;
  readonly appId?: string | undefined;
  readonly userId?: string | undefined;
}

/**
 * One message, to be settled once. Settling twice, or after the channel it came on is gone, does nothing: the broker
 * has put it back by then and delivers it again.
 */
export interface Delivery {
  readonly body: Buffer;
  readonly routingKey: string;
  readonly exchange: string;
  readonly redelivered: boolean;
  readonly properties: DeliveryProperties;
  ack(): void;
  /** Settles this delivery and all before it on the same channel. Does nothing if this one is settled already. */
  ackUpTo(): void;
  /** The message failed: counts toward a quorum queue's delivery limit on every version. */
  reject(requeue: boolean): void;
  /** Not the message's fault, as when closing: RabbitMQ 4.3 and later does not count it. */
  nack(requeue: boolean): void;
}

/** The channel that deliveries came on, for as long as it lasts. */
export class DeliveryChannel {
  readonly #channel: RawChannel;
  /** All delivery tags up to this one are settled: settling one of them again would cost the channel (406). */
  settledUpTo = 0;
  open = true;

  constructor(channel: RawChannel) {
    this.#channel = channel;
  }

  settle(how: (channel: RawChannel) => void): void {
    if (!this.open) return;
    try {
      how(this.#channel);
    } catch {
      // Closed in this very turn: the broker puts the message back.
      this.open = false;
    }
  }
}

export class ReceivedDelivery implements Delivery {
  readonly properties: DeliveryProperties;
  readonly #message: ConsumeMessage;
  readonly #channel: DeliveryChannel;
  #settled = false;

  constructor(message: ConsumeMessage, channel: DeliveryChannel) {
    const { properties } = message;
    properties.headers ??= {};
    this.properties = properties as DeliveryProperties;
    this.#message = message;
    this.#channel = channel;
  }

  get body(): Buffer {
    return this.#message.content;
  }

  get routingKey(): string {
    return this.#message.fields.routingKey;
  }

  get exchange(): string {
    return this.#message.fields.exchange;
  }

  get redelivered(): boolean {
    return this.#message.fields.redelivered;
  }

  ack(): void {
    if (this.#settle()) this.#channel.settle((channel) => channel.ack(this.#message));
  }

  ackUpTo(): void {
    if (!this.#settle()) return;
    this.#channel.settledUpTo = this.#message.fields.deliveryTag;
    this.#channel.settle((channel) => channel.ack(this.#message, true));
  }

  reject(requeue: boolean): void {
    if (this.#settle()) this.#channel.settle((channel) => channel.reject(this.#message, requeue));
  }

  nack(requeue: boolean): void {
    if (this.#settle()) this.#channel.settle((channel) => channel.nack(this.#message, false, requeue));
  }

  /** False where this delivery is settled already, by itself or by a later one's `ackUpTo`. */
  #settle(): boolean {
    if (this.#settled || this.#message.fields.deliveryTag <= this.#channel.settledUpTo) return false;
    this.#settled = true;
    return true;
  }
}
