import { setTimeout as wait } from "node:timers/promises";
import { createBackoff } from "./backoff.ts";
import { expectWithin, MAX_TIMEOUT_MS } from "./bounds.ts";
import { parseBrokerUrl, type BrokerAddress } from "./broker-url.ts";
import { ConnectionClosed, ConnectionRefused } from "./errors.ts";
import { openLink } from "./handshake.ts";
import type { Link } from "./link.ts";
import { silent, type Logger } from "./logger.ts";

export interface ConnectionOptions {
  /** `amqp[s]://user:password@host:port/vhost`. */
  readonly url: string;
  /** Shown in the management UI as the connection's name. */
  readonly name: string;
  /** @default silent */
  readonly logger?: Logger;
  /** Unit: seconds. A broker that says nothing is given up after two to three of these. @default 10 */
  readonly heartbeatSeconds?: number;
  /** Unit: milliseconds, for TCP, TLS and the AMQP handshake together. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /**
   * Unit: milliseconds. Full jitter: each wait is random between 0 and a ceiling that doubles from `initialMs` to `maxMs`.
   * The ceiling is low because a refused TCP connect is cheap, and the broker's return is to be noticed within a second.
   * @default { initialMs: 50, maxMs: 500 }
   */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
}

const defaults = {
  logger: silent,
  heartbeatSeconds: 10,
  connectTimeoutMs: 10_000,
  backoff: { initialMs: 50, maxMs: 500 },
} satisfies Partial<ConnectionOptions>;

export type ConnectionState = "connecting" | "open" | "closing" | "closed";

/**
 * One AMQP connection that comes back by itself until it is closed.
 *
 * Use one for publishing and another for consuming: while the broker is short of memory or disk it stops reading from
 * connections that publish, and acks of a consumer on the same connection would be stuck behind what it does not read.
 */
export interface Connection {
  readonly name: string;
  readonly state: ConnectionState;
  /** Of the last successful open. */
  readonly server: { readonly product: string; readonly version: string } | undefined;
  /** The broker's reason while it has blocked this connection (`connection.blocked`); nothing is published meanwhile. */
  readonly blocked: string | undefined;
  /** Why it is not open, or was not before it last opened. */
  readonly lastError: Error | undefined;
  /**
   * Resolves when the connection is open. Before the first open it rejects for good with `ConnectionRefused` (password,
   * vhost, version: the message says what to do); an unreachable broker is tried until `signal` aborts, which also
   * closes a connection that never was open. Rejects with `ConnectionClosed` when the connection is closed.
   */
  opened(signal?: AbortSignal): Promise<void>;
  /** Called on every change of `state` or `blocked`. Returns its removal. */
  onChange(listener: (connection: Connection) => void): () => void;
  /** Never rejects; done within 5 seconds even if the broker does not answer. Close publishers first: what they hold is rejected. */
  close(): Promise<void>;
}

/** Begins to connect at once. Throws `ConnectionRefused` (BROKER_URL_INVALID) for a URL that leads to no broker, `TypeError` for other options. */
export function createConnection(options: ConnectionOptions): Connection {
  const complete = { ...defaults, ...options };
  const { heartbeatSeconds, connectTimeoutMs, backoff } = complete;
  expectWithin("heartbeatSeconds", heartbeatSeconds, 1, 65_535);
  expectWithin("connectTimeoutMs", connectTimeoutMs, 1, MAX_TIMEOUT_MS);
  expectWithin("backoff.maxMs", backoff.maxMs, 1, MAX_TIMEOUT_MS);
  expectWithin("backoff.initialMs", backoff.initialMs, 1, backoff.maxMs);
  return new ManagedConnection(complete);
}

/** Who has channels on a connection: a publisher, a consumer. */
export interface Tenant {
  /** The connection is open: make channels on this link. Called at once when it is open already. */
  up(link: Link): void;
  /** The link is lost, with all channels on it; another `up` follows. */
  down(reason: Error): void;
  /** The connection does not come back. */
  gone(reason: Error): void;
}

/** What publisher, consumer and declare need of a connection. Only connections of `createConnection` have it. */
export function managed(connection: Connection): ManagedConnection {
  if (connection instanceof ManagedConnection) return connection;
  throw new TypeError("expected a connection made by createConnection");
}

/**
 *   connecting  no link; trying, or waiting to try again. Begins here, and comes back here whenever the link is lost.
 *   open        a link: handshake done, broker new enough. Tenants have their channels, or are making them.
 *   closing     close() was called; tenants are gone; the goodbye to the broker is under way.
 *   closed      for good: closed by its owner, or refused before it ever was open.
 *
 *   connecting ⇄ open, connecting → closed (refused), connecting | open → closing → closed
 */
export class ManagedConnection implements Connection {
  readonly name: string;
  readonly logger: Logger;
  readonly #options: Required<ConnectionOptions>;
  readonly #address: BrokerAddress;
  readonly #ending = new AbortController();
  readonly #listeners = new Set<(connection: Connection) => void>();
  readonly #tenants = new Set<Tenant>();
  #state: ConnectionState = "connecting";
  #link: Link | undefined;
  #server: Connection["server"];
  #lastError: Error | undefined;
  #closing: Promise<void> | undefined;

  constructor(options: Required<ConnectionOptions>) {
    this.name = options.name;
    this.logger = options.logger;
    this.#options = options;
    this.#address = parseBrokerUrl(options.url);
    void this.#run();
  }

  get state(): ConnectionState {
    return this.#state;
  }

  get server(): Connection["server"] {
    return this.#server;
  }

  get blocked(): string | undefined {
    return this.#link?.blocked;
  }

  get lastError(): Error | undefined {
    return this.#lastError;
  }

  /** The open link; undefined in every other state. */
  get link(): Link | undefined {
    return this.#state === "open" ? this.#link : undefined;
  }

  /** Unit: milliseconds. The ceiling that tenants' own retries have, too. */
  get backoff(): { readonly initialMs: number; readonly maxMs: number } {
    return this.#options.backoff;
  }

  opened(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const settle = (): boolean => {
        if (this.#state === "open") resolve();
        else if (this.#state === "closed" || this.#state === "closing") reject(this.#finalError());
        else if (signal?.aborted === true) {
          reject(signal.reason as Error);
          if (this.#server === undefined) void this.close();
        } else return false;
        signal?.removeEventListener("abort", settle);
        this.#listeners.delete(settle);
        return true;
      };
      if (settle()) return;
      this.#listeners.add(settle);
      signal?.addEventListener("abort", settle);
    });
  }

  onChange(listener: (connection: Connection) => void): () => void {
    const own = (connection: Connection): void => listener(connection);
    this.#listeners.add(own);
    return () => this.#listeners.delete(own);
  }

  /** Tells a tenant what becomes of the connection, beginning now. Returns its removal. */
  join(tenant: Tenant): () => void {
    this.#tenants.add(tenant);
    if (this.#state === "open" && this.#link !== undefined) tenant.up(this.#link);
    else if (this.#state !== "connecting") tenant.gone(this.#finalError());
    return () => this.#tenants.delete(tenant);
  }

  close(): Promise<void> {
    if (this.#state === "closed") return Promise.resolve();
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    this.#setState("closing");
    this.#ending.abort();
    const reason = this.#finalError();
    for (const tenant of this.#tenants) this.#guard(() => tenant.gone(reason));
    await this.#link?.close(CLOSE_TIMEOUT_MS);
    this.#setState("closed");
  }

  async #run(): Promise<void> {
    const { initialMs, maxMs } = this.#options.backoff;
    const backoff = createBackoff(initialMs, maxMs);
    while (this.#state === "connecting") {
      const refusal = await this.#connect();
      if (this.#state === "connecting" && refusal instanceof ConnectionRefused && this.#server === undefined) {
        this.#refused(refusal);
        return;
      }
      if (this.#link !== undefined) {
        const since = performance.now();
        await this.#live(this.#link);
        // A broker that takes the connection and ends it at once is not hammered.
        if (performance.now() - since > STABLE_MS) backoff.reset();
      }
      // Somebody may be mending a password; each try with a wrong one costs the broker a line in its log.
      const pauseMs = refusal instanceof ConnectionRefused ? REFUSED_PAUSE_MS : 0;
      await wait(pauseMs + backoff.next(), undefined, { signal: this.#ending.signal }).catch(() => {});
    }
  }

  /** Leaves either a link or the error of this try behind. */
  async #connect(): Promise<Error | undefined> {
    try {
      const { heartbeatSeconds, connectTimeoutMs: timeoutMs } = this.#options;
      const { signal } = this.#ending;
      this.#link = await openLink(this.#address, { name: this.name, heartbeatSeconds, timeoutMs, signal });
      return undefined;
    } catch (error) {
      this.#link = undefined;
      if (signalled(this.#ending)) return undefined;
      const reason = error as Error;
      // A broker that stays away is worth one line, not one for every try.
      if (reason.message !== this.#lastError?.message) {
        this.logger.warn({ connection: this.name, err: reason }, reason.message);
      }
      this.#lastError = reason;
      return reason;
    }
  }

  /** From the handshake to the loss of the link. */
  async #live(link: Link): Promise<void> {
    if (this.#state !== "connecting") {
      await link.close(CLOSE_TIMEOUT_MS);
      return;
    }
    const lost = new Promise<void>((resolve) => {
      link.once("lost", () => resolve());
      if (link.lost !== undefined) resolve();
    });
    link.on("blocked", () => {
      if (link.blocked !== undefined)
        this.logger.warn({ connection: this.name }, `blocked by the broker: ${link.blocked}`);
      this.#changed();
    });
    this.#server = link.server;
    this.logger.info({ connection: this.name, server: link.server }, `connected to ${this.#address.display}`);
    this.#setState("open");
    for (const tenant of this.#tenants) this.#guard(() => tenant.up(link));
    await lost;
    if ((this.#state as ConnectionState) !== "open") return;
    this.#lastError = link.lost;
    this.#link = undefined;
    this.logger.warn({ connection: this.name, err: link.lost }, `${link.lost?.message}; coming back`);
    this.#setState("connecting");
    for (const tenant of this.#tenants) this.#guard(() => tenant.down(link.lost as Error));
  }

  #refused(refusal: ConnectionRefused): void {
    this.#lastError = refusal;
    this.#setState("closed");
    for (const tenant of this.#tenants) this.#guard(() => tenant.gone(refusal));
  }

  #finalError(): Error {
    return this.#lastError instanceof ConnectionRefused && this.#server === undefined
      ? this.#lastError
      : new ConnectionClosed(`connection "${this.name}" is closed`);
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.#changed();
  }

  #changed(): void {
    for (const listener of this.#listeners) this.#guard(() => listener(this));
  }

  // A listener that throws must not keep the others, or the connection, from going on.
  #guard(call: () => void): void {
    try {
      call();
    } catch (error) {
      this.logger.error({ connection: this.name, err: error }, "a listener of the connection threw");
    }
  }
}

function signalled(controller: AbortController): boolean {
  return controller.signal.aborted;
}

/** Unit: milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;
/** Unit: milliseconds. */
const STABLE_MS = 2_000;
/** Unit: milliseconds. */
const REFUSED_PAUSE_MS = 2_000;
