import { randomBytes } from "node:crypto";
import type { Topology } from "@warren/topology";
import type { Message } from "amqplib";
import type { RawConfirmChannel } from "./amqplib-parts.ts";
import { createBackoff, type Backoff } from "./backoff.ts";
import { expectWithin, MAX_TIMEOUT_MS } from "./bounds.ts";
import { closeChannel, openConfirmChannel } from "./channel.ts";
import { managed, type Connection, type ManagedConnection, type Tenant } from "./connection.ts";
import { PublishError, type ChannelClosed, type ConnectionLost, type PublishErrorCode } from "./errors.ts";
import { DeadlineTimer } from "./deadline-timer.ts";
import { InFlight } from "./in-flight.ts";
import type { Link } from "./link.ts";
import { COPY_HEADER, messageFault, publishOptions, type OutgoingMessage } from "./outgoing-message.ts";
import { accused, refusalOf, sizeLimit, type Refusal } from "./publish-refusal.ts";
import { restoreTopology } from "./restore.ts";
import { WaitingLine } from "./waiting-line.ts";

export interface PublisherOptions {
  /** Unit: messages sent and not yet confirmed. @default 1_000 */
  readonly maxInFlight?: number;
  /** Unit: bytes of bodies, waiting and in flight together. A larger message is taken only when nothing else is pending. @default 64 MiB */
  readonly maxBytes?: number;
  /** Unit: messages that wait to be sent. @default 10_000 */
  readonly maxWaiting?: number;
  /** Unit: milliseconds from `publish` to the broker's confirm. @default 30_000 */
  readonly confirmTimeoutMs?: number;
  /**
   * Declared whenever the connection opens, before anything is sent: a broker that has just started routes past queues
   * that are not back yet. Name what the messages rely on. @default nothing is declared
   */
  readonly topology?: Topology;
}

const defaults = {
  maxInFlight: 1_000,
  maxBytes: 64 * 1024 * 1024,
  maxWaiting: 10_000,
  confirmTimeoutMs: 30_000,
} satisfies PublisherOptions;

/**
 * Publishes with confirms. While the connection is away, or blocked by the broker, messages wait within the bounds. When
 * it comes back, what was sent and not confirmed is sent again, in order and with the same id, before what waited: the
 * broker may then have a message twice.
 */
export interface Publisher {
  /** Settles exactly once: resolves on the broker's confirm; rejects with `PublishError`. */
  publish(message: OutgoingMessage): Promise<void>;
  /** What was neither confirmed nor rejected yet. Unit of `bytes`: bytes of bodies. */
  readonly pending: { readonly messages: number; readonly bytes: number };
  /** Resolves when nothing is pending. */
  flush(): Promise<void>;
  /** Stops taking, waits for what is pending up to timeoutMs (@default 10_000), rejects the rest with CLOSING. Never rejects. */
  close(timeoutMs?: number): Promise<void>;
}

/** Throws `TypeError` for options that cannot be. */
export function createPublisher(connection: Connection, options: PublisherOptions = {}): Publisher {
  const complete = { ...defaults, ...options };
  expectWithin("maxInFlight", complete.maxInFlight, 1, MANY);
  expectWithin("maxWaiting", complete.maxWaiting, 0, MANY);
  expectWithin("maxBytes", complete.maxBytes, 1, Number.MAX_SAFE_INTEGER);
  expectWithin("confirmTimeoutMs", complete.confirmTimeoutMs, 1, MAX_TIMEOUT_MS);
  return new ConfirmingPublisher(managed(connection), complete);
}

type Settings = PublisherOptions & typeof defaults;

interface Entry {
  readonly message: OutgoingMessage;
  readonly resolve: () => void;
  readonly reject: (error: PublishError) => void;
  /** Unit: milliseconds on the monotonic clock. */
  readonly deadline: number;
  /** Its key among those in flight: the id, or for a second message with the same id its copy mark. */
  key: string;
  settled: boolean;
}

/**
 * A message is in one of two places: in the waiting line, or in flight on the channel. It moves
 *
 *   waiting   → in flight   when channel, window, write buffer and the broker (`connection.blocked`) allow
 *   in flight → settled     confirmed, nacked, returned
 *   in flight → waiting     to its front, in order, when the channel is lost
 *   either    → settled     timed out, refused, closing
 *
 * What timed out in flight keeps its place in the window, and its bytes, until the broker answers or the channel goes:
 * it still occupies the wire.
 *
 * When the broker closes the channel over a message it does not say which. If its words name an exchange or a size, the
 * messages in flight that fit are refused. Otherwise all in flight are suspects and the window halves with each further
 * closure; the one that was alone in flight is refused, the others are sent again.
 */
class ConfirmingPublisher implements Publisher, Tenant {
  readonly #options: Settings;
  readonly #connection: ManagedConnection;
  readonly #backoff: Backoff;
  readonly #leave: () => void;
  readonly #onBlocked = (): void => this.#pump();
  readonly #waiting = new WaitingLine<Entry>();
  readonly #inFlight = new InFlight<Entry>();
  readonly #byKey = new Map<string, Entry>();
  readonly #copyPrefix = randomBytes(6).toString("hex");
  readonly #timer = new DeadlineTimer(() => this.#expire());
  readonly #idle: (() => void)[] = [];
  #copies = 0;
  #messages = 0;
  #bytes = 0;
  #link: Link | undefined;
  #channel: RawConfirmChannel | undefined;
  #writable = true;
  #window: number;
  /** How many of the next messages were in flight when the broker refused one it did not name. */
  #suspects = 0;
  /** What the last channel left unconfirmed, now at the front of the waiting line. */
  #putBack = 0;
  /** Unit: bytes. Said by the broker when it refused a larger body; forgotten with the link. */
  #sizeLimit = Number.POSITIVE_INFINITY;
  #retry: NodeJS.Timeout | undefined;
  #closing: Promise<void> | undefined;
  #gone: Error | undefined;

  constructor(connection: ManagedConnection, options: Settings) {
    this.#connection = connection;
    this.#options = options;
    this.#window = options.maxInFlight;
    this.#backoff = createBackoff(connection.backoff.initialMs, connection.backoff.maxMs);
    this.#leave = connection.join(this);
  }

  get pending(): { readonly messages: number; readonly bytes: number } {
    return { messages: this.#messages, bytes: this.#bytes };
  }

  publish(message: OutgoingMessage): Promise<void> {
    const refused = this.#untakeable(message);
    if (refused !== undefined) return Promise.reject(refused);
    return new Promise((resolve, reject) => {
      const timeoutMs = message.timeoutMs ?? this.#options.confirmTimeoutMs;
      const deadline = performance.now() + timeoutMs;
      const entry: Entry = { message, resolve, reject, deadline, key: message.id, settled: false };
      this.#messages++;
      this.#bytes += message.body.length;
      this.#timer.arm(deadline);
      if (this.#waiting.size > 0 || !this.#canSend() || !this.#send(entry)) this.#waiting.add(entry);
    });
  }

  flush(): Promise<void> {
    if (this.#messages === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  close(timeoutMs = 10_000): Promise<void> {
    this.#closing ??= this.#close(timeoutMs);
    return this.#closing;
  }

  up(link: Link): void {
    this.#link = link;
    this.#sizeLimit = Number.POSITIVE_INFINITY;
    this.#backoff.reset();
    link.on("blocked", this.#onBlocked);
    void this.#begin(link);
  }

  down(reason: Error): void {
    this.#link = undefined;
    clearTimeout(this.#retry);
    if (this.#channel !== undefined) this.#channelLost();
    this.#blame(reason);
  }

  gone(reason: Error): void {
    this.#link = undefined;
    this.#gone = reason;
    clearTimeout(this.#retry);
    this.#rejectAll(reason);
  }

  async #close(timeoutMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, timeoutMs)));
    await Promise.race([this.flush(), late]);
    clearTimeout(timer);
    clearTimeout(this.#retry);
    this.#leave();
    this.#link?.off("blocked", this.#onBlocked);
    this.#link = undefined;
    this.#rejectAll(undefined);
    this.#timer.clear();
    const channel = this.#channel;
    this.#channel = undefined;
    if (channel !== undefined) await closeChannel(channel, CLOSE_TIMEOUT_MS);
  }

  #untakeable(message: OutgoingMessage): PublishError | undefined {
    const refuse = (code: PublishErrorCode, why: string): PublishError => new PublishError(code, message.id, why);
    if (this.#gone !== undefined) return refuse("CLOSING", `${name(message)} was not taken: ${this.#gone.message}`);
    if (this.#closing !== undefined)
      return refuse("CLOSING", `${name(message)} was not taken: the publisher is closing`);
    const fault = messageFault(message);
    if (fault !== undefined) return refuse("BROKER_REFUSED", `${name(message)} cannot be sent: ${fault}`);
    const { maxBytes, maxWaiting } = this.#options;
    if (this.#waiting.size >= maxWaiting) {
      return refuse("BUFFER_FULL", `${name(message)} was not taken: ${maxWaiting} messages are waiting to be sent`);
    }
    if (this.#bytes > 0 && this.#bytes + message.body.length > maxBytes) {
      return refuse(
        "BUFFER_FULL",
        `${name(message)} was not taken: ${this.#bytes} bytes are pending and ${maxBytes} may be`,
      );
    }
    return undefined;
  }

  #canSend(): boolean {
    return (
      this.#channel !== undefined &&
      this.#writable &&
      this.#inFlight.size < this.#window &&
      this.#link !== undefined &&
      this.#link.blocked === undefined
    );
  }

  #pump(): void {
    while (this.#canSend()) {
      const entry = this.#waiting.first;
      if (entry === undefined || !this.#send(entry)) return;
      this.#waiting.removeFirst();
    }
  }

  /** False when the channel turned out to be gone: the message has to wait. */
  #send(entry: Entry): boolean {
    const { message } = entry;
    if (message.body.length > this.#sizeLimit) {
      this.#refuse(
        entry,
        `a body of ${message.body.length} bytes is larger than the broker takes (${this.#sizeLimit})`,
      );
      return true;
    }
    const copy = this.#byKey.has(message.id) ? `${this.#copyPrefix}.${++this.#copies}` : undefined;
    try {
      const { exchange, routingKey, body } = message;
      this.#writable = this.#channel!.publish(exchange, routingKey, body, publishOptions(message, copy));
    } catch (error) {
      if ((error as Error).name === "IllegalOperationError") return false;
      this.#refuse(entry, `it cannot be encoded: ${(error as Error).message}`, error);
      return true;
    }
    entry.key = copy ?? message.id;
    this.#byKey.set(entry.key, entry);
    this.#inFlight.add(entry);
    return true;
  }

  async #begin(link: Link): Promise<void> {
    const { topology } = this.#options;
    if (topology !== undefined) await restoreTopology(link, topology, this.#backoff, this.#connection.logger);
    if (this.#link === link) await this.#openChannel(link);
  }

  async #openChannel(link: Link): Promise<void> {
    let channel: RawConfirmChannel | undefined;
    let lost = false;
    const closed = (reason: ChannelClosed | ConnectionLost): void => {
      lost = true;
      if (channel !== undefined && this.#channel === channel) {
        this.#channelLost();
        this.#blame(reason);
      }
      this.#reopenLater(link);
    };
    const threw = (error: unknown): void => {
      this.#connection.logger.error({ err: error }, "an error in amqplib's confirm channel");
    };
    try {
      channel = await openConfirmChannel(link, { closed, threw });
    } catch (error) {
      this.#connection.logger.debug({ err: error }, "no channel to publish on; trying again");
      if (!lost) this.#reopenLater(link);
      return;
    }
    if (lost) return;
    if (this.#link !== link) return void closeChannel(channel, CLOSE_TIMEOUT_MS);
    this.#listen(channel);
    this.#channel = channel;
    this.#writable = true;
    this.#pump();
  }

  // What a channel that was given up still says is no longer about the messages in flight.
  #listen(channel: RawConfirmChannel): void {
    channel.on("ack", ({ deliveryTag, multiple }) => {
      if (this.#channel === channel) this.#confirmed(deliveryTag, multiple);
    });
    channel.on("nack", ({ deliveryTag, multiple }) => {
      if (this.#channel === channel) this.#nacked(deliveryTag, multiple);
    });
    channel.on("return", (message) => {
      if (this.#channel === channel) this.#returned(message);
    });
    channel.on("drain", () => {
      if (this.#channel !== channel) return;
      this.#writable = true;
      this.#pump();
    });
  }

  #reopenLater(link: Link): void {
    clearTimeout(this.#retry);
    if (this.#link !== link || link.lost !== undefined) return;
    this.#retry = setTimeout(() => {
      if (this.#link === link) void this.#openChannel(link);
    }, this.#backoff.next());
  }

  #confirmed(tag: number, multiple: boolean): void {
    this.#inFlight.confirm(tag, multiple, (entry) => {
      this.#leftTheWire(entry);
      if (!entry.settled) this.#settle(entry, undefined);
    });
    this.#backoff.reset();
    this.#pump();
  }

  #nacked(tag: number, multiple: boolean): void {
    this.#inFlight.confirm(tag, multiple, (entry) => {
      this.#leftTheWire(entry);
      this.#reject(
        entry,
        "NACKED",
        `the broker did not take ${name(entry.message)}: a queue it was routed to refused it`,
      );
    });
    this.#pump();
  }

  // The broker confirms a returned message, too, right after the return.
  #returned({ fields, properties }: Message): void {
    const copy: unknown = properties.headers?.[COPY_HEADER];
    const entry =
      (typeof copy === "string" ? this.#byKey.get(copy) : undefined) ?? this.#byKey.get(String(properties.messageId));
    if (entry === undefined) return;
    const { exchange, routingKey } = fields;
    this.#reject(
      entry,
      "UNROUTABLE",
      `${name(entry.message)} reached no queue: none is bound to exchange "${exchange}" for "${routingKey}"`,
    );
  }

  /** Puts what was in flight back before what waits. */
  #channelLost(): void {
    this.#channel = undefined;
    const unconfirmed: Entry[] = [];
    for (const entry of this.#inFlight) {
      if (entry.settled) this.#bytes -= entry.message.body.length;
      else unconfirmed.push(entry);
    }
    this.#inFlight.clear();
    this.#byKey.clear();
    this.#waiting.putBack(unconfirmed);
    this.#putBack = unconfirmed.length;
  }

  /** Finds whom the broker meant when it closed the channel or the connection over a message. */
  #blame(reason: Error): void {
    const count = this.#putBack;
    const refusal = refusalOf(reason);
    if (refusal === undefined || count === 0) return;
    this.#putBack = 0;
    this.#sizeLimit = Math.min(this.#sizeLimit, sizeLimit(refusal) ?? Number.POSITIVE_INFINITY);
    const suspects = this.#waiting.peek(count).filter((entry) => !entry.settled);
    const offenders = this.#offenders(suspects, refusal);
    for (const entry of offenders) this.#refuse(entry, `${refusal.replyCode} ${refusal.replyText}`, reason);
    if (offenders.length > 0) this.#waiting.keep((entry) => !entry.settled);
    else {
      this.#suspects = suspects.length;
      this.#window = Math.max(1, suspects.length >> 1);
    }
  }

  #offenders(suspects: Entry[], refusal: Refusal): Entry[] {
    const fits = accused(refusal);
    const named = fits === undefined ? [] : suspects.filter(({ message }) => fits(message));
    if (named.length > 0) return named;
    // The broker's own fault can close a connection, too, so there one coincidence is not enough.
    const proven = !refusal.connection || this.#suspects > 0;
    return suspects.length === 1 && proven ? suspects : [];
  }

  /** A message left the window by the broker's answer. */
  #leftTheWire(entry: Entry): void {
    this.#byKey.delete(entry.key);
    if (entry.settled) this.#bytes -= entry.message.body.length;
    if (this.#suspects > 0 && --this.#suspects === 0) this.#window = this.#options.maxInFlight;
  }

  #refuse(entry: Entry, why: string, cause?: unknown): void {
    this.#reject(entry, "BROKER_REFUSED", `${name(entry.message)} was refused: ${why}`, cause);
  }

  #reject(entry: Entry, code: PublishErrorCode, why: string, cause?: unknown): void {
    if (entry.settled) return;
    this.#settle(entry, new PublishError(code, entry.message.id, why, cause === undefined ? undefined : { cause }));
  }

  #settle(entry: Entry, error: PublishError | undefined): void {
    entry.settled = true;
    this.#messages--;
    // What is on the wire still counts until the broker answers.
    if (this.#byKey.get(entry.key) !== entry) this.#bytes -= entry.message.body.length;
    if (error === undefined) entry.resolve();
    else entry.reject(error);
    if (this.#messages === 0) this.#nothingPending();
  }

  #nothingPending(): void {
    this.#timer.clear();
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #rejectAll(cause: Error | undefined): void {
    for (const entry of [...this.#inFlight, ...this.#waiting]) {
      this.#reject(entry, "CLOSING", `${name(entry.message)} was not confirmed before the publisher closed`, cause);
    }
    this.#inFlight.clear();
    this.#byKey.clear();
    this.#waiting.keep(() => false);
    this.#bytes = 0;
  }

  /** Rejects what is overdue, and waits for the next. Runs as often as the next deadline asks, not once per message. */
  #expire(): void {
    const now = performance.now();
    let next = Number.POSITIVE_INFINITY;
    let waitingExpired = false;
    const check = (entry: Entry): boolean => {
      if (entry.settled) return false;
      if (entry.deadline > now) next = Math.min(next, entry.deadline);
      else
        this.#reject(
          entry,
          "PUBLISH_TIMEOUT",
          `the broker did not confirm ${name(entry.message)} in time: it may or may not have it`,
        );
      return entry.settled;
    };
    for (const entry of this.#inFlight) check(entry);
    for (const entry of this.#waiting) if (check(entry)) waitingExpired = true;
    if (waitingExpired) this.#waiting.keep((entry) => !entry.settled);
    this.#timer.arm(next);
  }
}

function name(message: OutgoingMessage): string {
  return `message "${message.id}"`;
}

/** Unit: messages. */
const MANY = 1_000_000;
/** Unit: milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;
