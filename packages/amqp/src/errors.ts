/*
 * How much is broken, from the most to the least:
 *
 *   ConnectionRefused   the broker will not have us, and would not the next time either
 *   ConnectionLost      the connection, with all that was on it; it comes back by itself
 *   ConnectionClosed    the connection, because its owner closed it
 *   ChannelClosed       one channel; the connection and its other channels go on
 *   PublishError        one message
 *
 * `code` says what, `cause` keeps what amqplib or the socket said.
 */

export type RefusalCode =
  /** The URL is none that leads to a broker. */
  | "BROKER_URL_INVALID"
  /** The broker knows no such user, or not with that password. */
  | "BROKER_PASSWORD_REFUSED"
  /** There is no such virtual host. */
  | "BROKER_VHOST_MISSING"
  /** The user may not use the virtual host. */
  | "BROKER_VHOST_REFUSED"
  /** RabbitMQ before 3.10. */
  | "BROKER_TOO_OLD"
  /** What answers speaks no AMQP 0-9-1. */
  | "BROKER_NOT_AMQP";

/** The broker will not have us, for a reason that trying again does not mend. The message says what to do, and never holds the password. */
export class ConnectionRefused extends Error {
  override readonly name = "ConnectionRefused";
  readonly code: RefusalCode;

  constructor(code: RefusalCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** The connection is gone, or could not be had this time. It is tried again. */
export class ConnectionLost extends Error {
  override readonly name = "ConnectionLost";
  readonly code = "CONNECTION_LOST";
}

/** The connection was closed by its owner and does not come back. */
export class ConnectionClosed extends Error {
  override readonly name = "ConnectionClosed";
  readonly code = "CONNECTION_CLOSED";
}

/** The broker closed one channel. `replyCode` and `replyText` are its own. */
export class ChannelClosed extends Error {
  override readonly name = "ChannelClosed";
  readonly code = "CHANNEL_CLOSED";
  /** AMQP reply code, as 404; undefined where the broker gave none. */
  readonly replyCode: number | undefined;

  constructor(message: string, replyCode?: number, options?: { cause?: unknown }) {
    super(message, options);
    this.replyCode = replyCode;
  }
}

export type PublishErrorCode =
  /** The broker refused to take responsibility, as a full queue with `reject-publish` does. It does not have the message. */
  | "NACKED"
  /** No queue is bound for this routing key. */
  | "UNROUTABLE"
  /** Not confirmed in time: the broker may or may not have the message. It is not sent again. */
  | "PUBLISH_TIMEOUT"
  /** Too much is pending already; the message was not taken. */
  | "BUFFER_FULL"
  /** The broker refused the message itself, and would again: no such exchange, no permission, too large, not encodable. */
  | "BROKER_REFUSED"
  /** The publisher or its connection was closed first: the broker may or may not have the message. */
  | "CLOSING";

/** One message was not confirmed. */
export class PublishError extends Error {
  override readonly name = "PublishError";
  readonly code: PublishErrorCode;
  readonly messageId: string;

  constructor(code: PublishErrorCode, messageId: string, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.messageId = messageId;
  }
}

/** One part of a topology that the broker did not accept. */
export interface TopologyFailure {
  readonly kind: "exchange" | "queue" | "binding";
  readonly name: string;
  /** `DIFFERS`: it exists otherwise than described. `MISSING`: it is not declared here and does not exist. `DOWN`: it exists and is not up, as after the broker's own start. */
  readonly code: "DIFFERS" | "MISSING" | "DOWN" | "PERMISSION" | "LOCKED" | "REFUSED";
  /** A sentence that says what differs and what to do. */
  readonly message: string;
}

/** Parts of a topology were not accepted; the others stand. Nothing was deleted. The message has one line per failure. */
export class TopologyError extends Error {
  override readonly name = "TopologyError";
  readonly code = "TOPOLOGY_REFUSED";
  readonly failures: readonly TopologyFailure[];

  constructor(failures: readonly TopologyFailure[]) {
    super(failures.map((failure) => failure.message).join("\n"));
    this.failures = failures;
  }
}
