import { EventEmitter } from "node:events";
import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { parts, type OpenFields, type RawConnection } from "./amqplib-parts.ts";
import type { BrokerAddress } from "./broker-url.ts";
import { ConnectionLost, type ConnectionRefused } from "./errors.ts";
import { explainHandshake, explainVersion, type CloseReason } from "./refusal.ts";

/** One life of a connection: from a successful handshake until it is lost. Events: `lost` (once), `blocked`. */
export class Link extends EventEmitter<{ lost: [ConnectionLost]; blocked: [] }> {
  readonly raw: RawConnection;
  readonly server: { readonly product: string; readonly version: string };
  readonly #socket: Socket;
  #blocked: string | undefined;
  #error: Error | undefined;
  #lost: ConnectionLost | undefined;

  constructor(raw: RawConnection, socket: Socket, server: { product: string; version: string }) {
    super();
    this.raw = raw;
    this.#socket = socket;
    this.server = server;
    raw.on("error", (error: Error) => this.#failed(error));
    raw.on("close", (error?: Error) => this.#closed(error));
    raw.on("handler-error", (error: Error) => this.#failed(error));
    raw.on("blocked", (reason: string) => this.#setBlocked(reason));
    raw.on("unblocked", () => this.#setBlocked(undefined));
  }

  /** The broker's reason while it has blocked this connection. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Why this life is over; undefined while it lasts. */
  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** Says goodbye to the broker; ends the socket if no answer comes in time. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#lost !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.once("lost", () => {
        clearTimeout(timer);
        resolve();
      });
      try {
        this.raw.close();
      } catch {
        resolve();
      }
    });
    this.destroy("closed");
  }

  /** Ends this life at once, without a word to the broker. */
  destroy(reason: string): void {
    this.#closed(new Error(reason));
  }

  // A protocol fault starts a closing handshake which a broken peer may never finish.
  #failed(error: Error): void {
    this.#error ??= error;
    setTimeout(() => this.#closed(error), CLOSE_HANDSHAKE_MS).unref();
  }

  #closed(error: Error | undefined): void {
    if (this.#lost !== undefined) return;
    const cause = this.#error ?? error;
    this.#lost = new ConnectionLost(`the connection was lost: ${cause?.message ?? "closed"}`, { cause });
    this.#blocked = undefined;
    // The socket still carries the close-ok; a peer that is frozen never takes it.
    setTimeout(() => this.#socket.destroy(), LAST_WORD_MS).unref();
    this.emit("lost", this.#lost);
  }

  #setBlocked(reason: string | undefined): void {
    this.#blocked = reason;
    this.emit("blocked");
  }
}

/** Unit: milliseconds. */
const CLOSE_HANDSHAKE_MS = 2_000;
/** Unit: milliseconds. */
const LAST_WORD_MS = 500;

export interface LinkOptions {
  /** Shown in the management UI. */
  readonly name: string;
  /** Unit: seconds. */
  readonly heartbeatSeconds: number;
  /** Unit: milliseconds, for TCP, TLS and the handshake together. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Connects and shakes hands. Rejects with `ConnectionRefused` or `ConnectionLost`. */
export async function openLink(address: BrokerAddress, options: LinkOptions): Promise<Link> {
  const socket = await connectSocket(address, options);
  const raw = new parts.Connection(socket);
  let closed: CloseReason | undefined;
  watchHandshake(raw, (reason) => (closed = reason));
  // The broker may end the connection in the same breath in which it opens it.
  let ended: Error | undefined;
  raw.on("error", (error: Error) => (ended ??= error));
  raw.on("close", (error?: Error) => (ended ??= error ?? new Error("closed")));
  let blocked: string | undefined;
  raw.on("blocked", (reason: string) => (blocked = reason));
  try {
    await handshake(raw, socket, address, options);
  } catch (error) {
    socket.destroy();
    throw explainHandshake(address, closed, error as Error);
  }
  const refusal = refusedVersion(raw, address);
  const link = new Link(raw, socket, serverOf(raw));
  if (ended !== undefined) link.destroy(ended.message);
  else if (refusal !== undefined) void link.close(CLOSE_HANDSHAKE_MS);
  if (blocked !== undefined) raw.emit("blocked", blocked);
  if (refusal !== undefined) throw refusal;
  if (link.lost !== undefined) throw link.lost;
  return link;
}

function connectSocket(address: BrokerAddress, { timeoutMs, signal }: LinkOptions): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = address;
    const socket = address.tls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectTcp({ host, port });
    const deadline = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
    const settle = (error?: Error): void => {
      deadline.removeEventListener("abort", timedOut);
      if (error === undefined) {
        socket.off("error", settle);
        resolve(socket.setNoDelay(true));
      } else {
        socket.destroy();
        reject(new ConnectionLost(`cannot connect to ${address.display}: ${reasonOf(error)}`, { cause: error }));
      }
    };
    const timedOut = (): void =>
      settle(signal.aborted ? new Error("closed") : new Error(`no answer within ${timeoutMs} ms`));
    socket.once(address.tls ? "secureConnect" : "connect", () => settle());
    socket.once("error", settle);
    // Whatever a dying socket still says has nobody to tell it to, and must not end the process.
    socket.on("error", () => {});
    if (deadline.aborted) timedOut();
    else deadline.addEventListener("abort", timedOut, { once: true });
  });
}

function handshake(raw: RawConnection, socket: Socket, address: BrokerAddress, options: LinkOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = (): void => {
      socket.destroy();
      reject(new Error(options.signal.aborted ? "closed" : `no handshake within ${options.timeoutMs} ms`));
    };
    const timer = setTimeout(stop, options.timeoutMs);
    options.signal.addEventListener("abort", stop, { once: true });
    if (options.signal.aborted) stop();
    raw.open(openFields(address, options), (error) => {
      clearTimeout(timer);
      options.signal.removeEventListener("abort", stop);
      if (error === null) resolve();
      else reject(error);
    });
  });
}

// amqplib reduces the broker's connection.close to "expected open-ok, got close".
function watchHandshake(raw: RawConnection, onClose: (reason: CloseReason) => void): void {
  const step = raw.step.bind(raw);
  raw.step = (next) =>
    step((error, frame) => {
      if (frame?.id === parts.defs.ConnectionClose) {
        onClose({ replyCode: Number(frame.fields?.["replyCode"]), replyText: String(frame.fields?.["replyText"]) });
      }
      next(error, frame);
    });
}

function openFields(address: BrokerAddress, { name, heartbeatSeconds }: LinkOptions): OpenFields {
  const { mechanism, response } = parts.credentials.plain(address.username, address.password);
  return {
    clientProperties: {
      product: "Warren",
      platform: `Node.js ${process.version}`,
      connection_name: name,
      capabilities: {
        publisher_confirms: true,
        exchange_exchange_bindings: true,
        "basic.nack": true,
        consumer_cancel_notify: true,
        "connection.blocked": true,
        authentication_failure_close: true,
      },
    },
    mechanism,
    response: response(),
    locale: "en_US",
    // 0: as many channels as the broker allows.
    channelMax: 0,
    // RabbitMQ's own default; 4.1 and later refuse less than 8192.
    frameMax: 131_072,
    heartbeat: heartbeatSeconds,
    virtualHost: address.vhost,
    capabilities: "",
    insist: 0,
  };
}

function serverOf(raw: RawConnection): { product: string; version: string } {
  const { product, version } = raw.serverProperties as Record<string, string | undefined>;
  return { product: product ?? "unknown", version: version ?? "unknown" };
}

function refusedVersion(raw: RawConnection, address: BrokerAddress): ConnectionRefused | undefined {
  return explainVersion(address, serverOf(raw));
}

/** Several addresses tried in vain come as one error without a message. */
function reasonOf(error: Error): string {
  return error instanceof AggregateError ? error.errors.map(String).join("; ") : error.message;
}
