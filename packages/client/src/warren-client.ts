import {
  patternsKey,
  type EventMeta,
  type HandshakeAuth,
  type Pattern,
  type PositionRequest,
  type PositionString,
} from "@warren/events";

import type {
  Client,
  ClientEvent,
  ClientGap,
  ClientStats,
  EventsOptions,
  Healing,
  PublishRequest,
  SubscribeOptions,
} from "./client.ts";
import { WarrenError, type Refusal } from "./errors.ts";
import type { EventStream } from "./event-stream.ts";
import { Listeners } from "./listeners.ts";
import {
  DEFAULT_EVENT_BUFFER,
  MAX_WAITING_CONTROLS,
  normalise,
  type ClientOptions,
  type NormalOptions,
} from "./options.ts";
import { Outbox } from "./outbox.ts";
import { onPageHide } from "./page.ts";
import { PositionKeeper } from "./position-keeper.ts";
import { memoryStore } from "./position-store.ts";
import { publish } from "./publisher.ts";
import { Reception } from "./reception.ts";
import { Session, type ConnectionState } from "./session.ts";
import { Subscriptions } from "./subscriptions.ts";
import { readGap, readPosition, readReady, readRetryAfterMs } from "./wire.ts";

const CLOSED: Refusal = { code: "CLOSED", message: "This client is closed.", retryable: false };

/** See Client. */
export class WarrenClient implements Client {
  readonly #options: NormalOptions;
  readonly #session: Session;
  readonly #reception: Reception;
  readonly #publishes: Outbox;
  readonly #controls: Outbox;
  readonly #subscriptions: Subscriptions;
  readonly #keeper: PositionKeeper;
  readonly #loaded: Promise<PositionString | undefined>;
  readonly #onError: Listeners<[WarrenError]>;
  readonly #onState: Listeners<[ConnectionState]>;
  readonly #forgetPage: () => void;
  /** Why nothing that waits will be answered, while that is so. */
  #refusal: Refusal | undefined;
  #connections = 0;

  constructor(url: string, options: ClientOptions = {}) {
    const normal = normalise(options);
    const { ackTimeoutMs, connectTimeoutMs, backoff, healAttempts, maxWaitingBytes } = normal;
    const report = (error: WarrenError) => this.#report(error);
    this.#options = normal;
    this.#onError = new Listeners(throwUncaught);
    this.#onState = new Listeners(report);

    const sending = { ackTimeoutMs, backoff, maxWaitingBytes };
    this.#publishes = new Outbox({ ...sending, window: normal.publishWindow, maxWaiting: normal.maxWaiting });
    this.#controls = new Outbox({ ...sending, window: 1, maxWaiting: MAX_WAITING_CONTROLS, dropOnTimeout: true });

    const topics = normal.topics === undefined ? "(default)" : patternsKey(normal.topics);
    this.#keeper = new PositionKeeper({
      store: normal.store ?? memoryStore(),
      // A query may hold secrets, which belong in no store.
      key: `${url.split("?")[0]} ${topics}`,
      saveIntervalMs: normal.saveIntervalMs,
      report,
    });
    this.#loaded = this.#keeper.load();
    this.#forgetPage = onPageHide(() => void this.#keeper.flush());

    this.#session = new Session(
      { url, transport: normal.socket, connectTimeoutMs, backoff },
      {
        auth: () => this.#auth(),
        message: (name, args) => this.#message(name, args),
        up: (link) => {
          this.#connections++;
          this.#publishes.attach(link);
          this.#controls.attach(link);
        },
        down: () => {
          this.#publishes.detach();
          this.#controls.detach();
          this.#reception.backfill = undefined;
          void this.#keeper.flush();
        },
        state: (state) => {
          if (state === "live") this.#controls.pump();
          if (state === "paused" && this.#publishes.waiting + this.#controls.waiting > 0) this.#session.serve();
          this.#onState.tell(state);
        },
        error: (error) => {
          if (!error.retryable) this.#refuse(error);
          this.#report(error);
        },
      },
    );
    this.#reception = new Reception({ keeper: this.#keeper, session: this.#session, healAttempts, report });
    this.#subscriptions = new Subscriptions(normal.topics, this.#controls, this.#reception);
    if (normal.autoConnect) this.#session.resume();
  }

  get state(): ConnectionState {
    return this.#session.state;
  }

  get position(): PositionString | undefined {
    return this.#keeper.position;
  }

  get topics(): readonly Pattern[] {
    return this.#subscriptions.current;
  }

  get stats(): ClientStats {
    const { waiting, bytes, retried } = this.#publishes;
    return { ...this.#reception.counts, connections: this.#connections, publishing: { waiting, bytes, retried } };
  }

  on(type: string, listener: (data: unknown, meta: EventMeta) => unknown): () => void {
    return this.#reception.on(type, listener);
  }

  onAny(listener: (type: string, data: unknown, meta: EventMeta) => unknown): () => void {
    return this.#reception.onAny.add(listener);
  }

  onState(listener: (state: ConnectionState) => unknown): () => void {
    return this.#onState.add(listener);
  }

  onGap(listener: (gap: ClientGap) => unknown): () => void {
    return this.#reception.onGap.add(listener);
  }

  onHealing(listener: (healing: Healing) => unknown): () => void {
    return this.#reception.onHealing.add(listener);
  }

  onError(listener: (error: WarrenError) => unknown): () => void {
    return this.#onError.add(listener);
  }

  events({ signal, buffer = DEFAULT_EVENT_BUFFER }: EventsOptions = {}): EventStream<ClientEvent> {
    if (!(buffer >= 1)) {
      const message = `buffer: expected a number of at least 1, got ${String(buffer)}`;
      throw new WarrenError({ code: "OPTION_INVALID", message, retryable: false });
    }
    const stream = this.#reception.stream(buffer, signal);
    if (this.state === "closed") stream.end();
    else if (this.#refusal !== undefined) stream.end(new WarrenError(this.#refusal));
    return stream;
  }

  publish(type: string, data: unknown, options: PublishRequest = {}): Promise<{ id: string }> {
    const published = publish(this.#publishes, type, data, options);
    this.#session.serve();
    return published;
  }

  subscribe(topics: readonly Pattern[], { position }: SubscribeOptions = {}): Promise<void> {
    const subscribed = this.#subscriptions.add(topics, position);
    this.#session.serve();
    return subscribed;
  }

  unsubscribe(topics: readonly Pattern[]): Promise<void> {
    const unsubscribed = this.#subscriptions.remove(topics);
    this.#session.serve();
    return unsubscribed;
  }

  disconnect(): void {
    if (this.state !== "closed") this.#session.stop("disconnected");
  }

  reconnect(): void {
    if (this.state === "closed") throw new WarrenError(CLOSED);
    this.#refusal = undefined;
    this.#publishes.refusal = undefined;
    this.#controls.refusal = undefined;
    this.#session.resume();
  }

  async close(): Promise<void> {
    this.#forgetPage();
    this.#session.stop("closed");
    this.#reception.end();
    this.#refuse(CLOSED);
    await this.#keeper.flush();
  }

  async #auth(): Promise<HandshakeAuth> {
    const { token, from } = this.#options;
    const loaded: PositionRequest | undefined = await this.#loaded;
    // After an await: a listener that reconnects by hand is done with its event by then.
    const auth: HandshakeAuth = { position: this.#reception.held ?? loaded ?? from };
    if (token !== undefined) auth.token = typeof token === "function" ? await token() : token;
    const topics = this.#subscriptions.asked;
    if (topics !== undefined) auth.topics = [...topics];
    return this.state === "paused" ? { ...auth, topics: [], position: "now" } : auth;
  }

  #message(name: string, [first, second]: readonly unknown[]): void {
    if (this.state === "paused" && name !== "warren:closing") {
      // This link brings no events, so where it stands is not where the client stands.
      if (name === "warren:ready") this.#session.ready("live");
      return;
    }
    switch (name) {
      case "warren:ready": {
        const ready = readReady(first);
        if (ready === undefined) return;
        this.#subscriptions.granted = ready.topics;
        this.#reception.begin(ready.position);
        this.#session.ready(ready.status);
        return;
      }
      case "warren:caught-up":
      case "warren:position": {
        const position = readPosition(first);
        if (position !== undefined) this.#reception.advance(position);
        if (name === "warren:caught-up") this.#session.ready("live");
        return;
      }
      case "warren:gap": {
        const gap = readGap(first);
        if (gap !== undefined) this.#reception.gap(gap);
        return;
      }
      case "warren:closing":
        this.#session.restart(readRetryAfterMs(first));
        return;
      default:
        // Any other `warren:` name is a word of a later protocol, on which nothing depends that was promised here.
        if (name.startsWith("warren:")) return;
        // Before `warren:ready` nothing says where events stand.
        if (this.state === "live" || this.state === "replaying") this.#reception.event(name, first, second);
    }
  }

  #refuse(refusal: Refusal): void {
    this.#refusal = refusal;
    this.#publishes.refuseAll(refusal);
    this.#controls.refuseAll(refusal);
    this.#reception.end(refusal);
  }

  #report(error: WarrenError): void {
    if (this.#onError.size > 0) this.#onError.tell(error);
    // With nobody listening, a listener's failure is an uncaught error, as it would be anywhere else.
    else if (error.code === "LISTENER_FAILED") throwUncaught(error);
  }
}

function throwUncaught(error: WarrenError): void {
  queueMicrotask(() => {
    throw error;
  });
}
