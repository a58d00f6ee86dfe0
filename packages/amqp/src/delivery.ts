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
  /** Settles this delivery and all before it on the same channel. */
  ackUpTo(): void;
  /** The message failed: counts toward a quorum queue's delivery limit on every version. */
  reject(requeue: boolean): void;
  /** Not the message's fault, as when closing: RabbitMQ 4.3 and later does not count it. */
  nack(requeue: boolean): void;
}
