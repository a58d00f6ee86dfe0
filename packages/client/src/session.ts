import type { HandshakeAuth } from "@warren/events";

import { waitMs, type Backoff } from "./backoff.ts";
import { reason, WarrenError, type Refusal } from "./errors.ts";
import { openLink, type Link, type TransportOptions } from "./link.ts";

/**
 * The life of a client's connection.
 *
 *   connecting     no link was ever ready; one is being opened, or the next try is waited for
 *   reconnecting   the same, after a link was ready once
 *   replaying      a link is ready; what was missed is arriving
 *   live           a link is ready; events arrive as they happen
 *   paused         cut by the client, because a loop's buffer is full; goes on when it has drained. Where something
 *                  waits to be sent meanwhile, there is a link that asks for no events: the loop may wait for its answer
 *   disconnected   cut by hand (`disconnect`), or not connected yet (`autoConnect: false`)
 *   refused        the gateway refused this client for good; only `reconnect` tries again
 *   closed         over
 *
 *   connecting, reconnecting ── warren:ready ──▶ replaying ── warren:caught-up ──▶ live
 *   replaying, live ── link lost, healing, warren:closing ──▶ reconnecting
 *   any but closed ── connect_error that is not retryable ──▶ refused
 *   paused, disconnected, refused ── resume ──▶ connecting, reconnecting
 */
export type ConnectionState =
  | "connecting"
  | "reconnecting"
  | "replaying"
  | "live"
  | "paused"
  | "disconnected"
  | "refused"
  | "closed";

/**
 * How long a link must have been ready for the waits to begin short again: a gateway that accepts and drops at once
 * must not be met with a tight loop. Unit: milliseconds.
 */
const STEADY_MS = 1_000;

interface SessionOptions {
  readonly url: string;
  readonly transport: TransportOptions;
  readonly connectTimeoutMs: number;
  readonly backoff: Backoff;
}

interface SessionHandlers {
  /** What to connect with; asked before each try. */
  auth(): Promise<HandshakeAuth>;
  message(name: string, args: readonly unknown[]): void;
  /** The link is ready. */
  up(link: Link): void;
  /** The link is gone. Called for every `up`, before the state changes. */
  down(): void;
  state(state: ConnectionState): void;
  error(error: WarrenError): void;
}

/** Keeps one link open, and opens another when it is lost. */
export class Session {
  readonly #options: SessionOptions;
  readonly #handlers: SessionHandlers;
  #state: ConnectionState = "disconnected";
  #link: Link | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  /** Tells a try that was given up while its token was awaited. */
  #generation = 0;
  /** The next link is waited for. */
  #pending = false;
  #attempt = 0;
  #readyAtMs: number | undefined;
  #everReady = false;

  constructor(options: SessionOptions, handlers: SessionHandlers) {
    this.#options = options;
    this.#handlers = handlers;
  }

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects now, unless a link is open or being opened. */
  resume(): void {
    if (this.#state === "closed") return;
    if (this.#state === "paused") this.#cut();
    if (this.#link !== undefined) return;
    this.#attempt = 0;
    void this.#open();
  }

  /** Something waits to be sent: while paused, opens a link for it. */
  serve(): void {
    if (this.#state === "paused" && this.#link === undefined && !this.#pending) void this.#open(true);
  }

  /** `warren:ready` or `warren:caught-up` has come. */
  ready(status: "live" | "replaying"): void {
    if (this.#link === undefined) return;
    if (this.#readyAtMs === undefined) {
      this.#everReady = true;
      this.#readyAtMs = performance.now();
      this.#handlers.up(this.#link);
    }
    if (this.#state !== "paused") this.#setState(status);
  }

  /** Cuts the link and comes back by itself, after the wait asked for or a jittered one. */
  restart(retryAfterMs?: number): void {
    this.#cut();
    this.#retry(retryAfterMs);
  }

  /** Cuts the link and stays away. */
  stop(state: "paused" | "disconnected" | "refused" | "closed"): void {
    this.#cut();
    if (this.#state !== "closed") this.#setState(state);
  }

  async #open(staysPaused = false): Promise<void> {
    clearTimeout(this.#timer);
    const generation = ++this.#generation;
    this.#pending = true;
    if (!staysPaused) this.#setState(this.#everReady ? "reconnecting" : "connecting");
    let auth: HandshakeAuth;
    try {
      auth = await this.#handlers.auth();
    } catch (error) {
      if (generation !== this.#generation) return;
      const message = `No token: ${reason(error)}`;
      this.#retry();
      this.#handlers.error(new WarrenError({ code: "TOKEN_FAILED", message, retryable: true }, error));
      return;
    }
    if (generation !== this.#generation) return;
    this.#pending = false;
    this.#link = openLink(
      { ...this.#options, auth },
      { message: (name, args) => this.#handlers.message(name, args), down: (why) => this.#lost(why) },
    );
  }

  #lost(why: Refusal): void {
    this.#cut();
    if (why.retryable) {
      this.#retry(why.retryAfterMs);
    } else {
      this.#setState("refused");
    }
    this.#handlers.error(new WarrenError(why));
  }

  #cut(): void {
    this.#generation++;
    this.#pending = false;
    clearTimeout(this.#timer);
    const link = this.#link;
    if (link === undefined) return;
    this.#link = undefined;
    link.close();
    if (this.#readyAtMs === undefined) return;
    if (performance.now() - this.#readyAtMs >= STEADY_MS) this.#attempt = 0;
    this.#readyAtMs = undefined;
    this.#handlers.down();
  }

  #retry(retryAfterMs?: number): void {
    const delayMs = waitMs(this.#options.backoff, this.#attempt++, retryAfterMs);
    this.#pending = true;
    this.#timer = setTimeout(() => void this.#open(this.#state === "paused"), delayMs);
    // Last: a listener may well connect or disconnect by hand.
    if (this.#state !== "paused") this.#setState(this.#everReady ? "reconnecting" : "connecting");
  }

  #setState(state: ConnectionState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#handlers.state(state);
  }
}
