import { connect as connectTcp, isIP, type Socket } from "node:net";
import { connect as connectTls } from "node:tls";
import { parts, type OpenFields, type RawConnection } from "./amqplib-parts.ts";
import type { BrokerAddress } from "./broker-url.ts";
import { Link } from "./link.ts";
import { explainHandshake, explainVersion, type CloseReason } from "./refusal.ts";

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
  const deadline = startDeadline(options);
  let socket: Socket | undefined;
  let closed: CloseReason | undefined;
  try {
    socket = await connectSocket(address, deadline.signal);
    const raw = new parts.Connection(socket);
    watchHandshake(raw, (reason) => (closed = reason));
    const server = { product: "unknown", version: "unknown" };
    const link = new Link(raw, socket, server);
    await shakeHands(raw, openFields(address, options), deadline.signal);
    Object.assign(server, serverOf(raw));
    const refusal = explainVersion(address, server);
    if (refusal !== undefined) {
      link.destroy(refusal.message);
      throw refusal;
    }
    // The broker may end a connection in the same breath in which it opens it.
    if (link.lost !== undefined) throw link.lost;
    return link;
  } catch (error) {
    socket?.destroy();
    throw explainHandshake(address, closed, error as Error);
  } finally {
    deadline.end();
  }
}

/** Aborts when the time is up or the caller gives up, with the reason in words. */
function startDeadline({ timeoutMs, signal }: LinkOptions): { readonly signal: AbortSignal; end(): void } {
  const controller = new AbortController();
  const giveUp = (): void => controller.abort(new Error("it is being closed"));
  const timer = setTimeout(() => controller.abort(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
  signal.addEventListener("abort", giveUp);
  if (signal.aborted) giveUp();
  return {
    signal: controller.signal,
    end() {
      clearTimeout(timer);
      signal.removeEventListener("abort", giveUp);
    },
  };
}

function connectSocket(address: BrokerAddress, deadline: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const { host, port } = address;
    const socket = address.tls
      ? connectTls({ host, port, ...(isIP(host) === 0 ? { servername: host } : {}) })
      : connectTcp({ host, port });
    const giveUp = (): void => {
      socket.destroy();
      reject(deadline.reason as Error);
    };
    socket.once(address.tls ? "secureConnect" : "connect", () => {
      deadline.removeEventListener("abort", giveUp);
      resolve(socket.setNoDelay(true).setKeepAlive(true, KEEP_ALIVE_MS));
    });
    // Stays: what a dying socket still says has nobody else to be told to, and must not end the process.
    socket.on("error", reject);
    if (deadline.aborted) giveUp();
    else deadline.addEventListener("abort", giveUp, { once: true });
  });
}

function shakeHands(raw: RawConnection, fields: OpenFields, deadline: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const giveUp = (): void => reject(deadline.reason as Error);
    if (deadline.aborted) return giveUp();
    deadline.addEventListener("abort", giveUp, { once: true });
    raw.open(fields, (error) => {
      deadline.removeEventListener("abort", giveUp);
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
  const credentials = parts.credentials.plain(address.username, address.password);
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
    mechanism: credentials.mechanism,
    response: credentials.response(),
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
  const { product, version } = raw.serverProperties;
  return {
    product: typeof product === "string" ? product : "unknown",
    version: typeof version === "string" ? version : "unknown",
  };
}

/** Unit: milliseconds. */
const KEEP_ALIVE_MS = 30_000;
