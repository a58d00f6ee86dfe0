import type { HandshakeAuth } from "@warren/events";
import { io, type ManagerOptions, type SocketOptions } from "socket.io-client";

import type { Refusal } from "./errors.ts";
import { readRefusal } from "./wire.ts";

/** Options handed through to `io()`. What a link rests on (`auth`, `forceNew`, reconnection) cannot be set. */
export type TransportOptions = Partial<
  Omit<
    ManagerOptions & SocketOptions,
    "auth" | "autoConnect" | "forceNew" | "multiplex" | "reconnection" | "retries" | "timeout"
  >
>;

export interface LinkHandlers {
  /** Every event that arrives, control messages too. */
  message(name: string, args: readonly unknown[]): void;
  /** The link is gone; called once, unless `close` was called first. */
  down(why: Refusal): void;
}

export type Reply =
  | { readonly kind: "answer"; readonly answer: unknown }
  | { readonly kind: "timeout" }
  | { readonly kind: "lost" };

export interface RequestOptions {
  readonly timeoutMs: number;
  /** Asked when the time is up: true waits that long once more. */
  readonly stillGoing?: (() => boolean) | undefined;
}

/**
 * One connection, used once: a client that reconnects opens another, so nothing of the last one (buffered packets,
 * acks, a session id) can reach into the next. It shares no transport with other sockets, so cutting it cuts only it.
 */
export interface Link {
  /** Emits with an ack. `done` is called once, in the turn in which the ack arrives. */
  request(name: string, args: readonly unknown[], options: RequestOptions, done: (reply: Reply) => void): void;
  /** Ends it as if it had been lost: `down` is called. */
  drop(why: Refusal): void;
  close(): void;
}

interface LinkOptions {
  readonly url: string;
  readonly auth: HandshakeAuth;
  readonly transport: TransportOptions;
  /** From here to `warren:ready`. */
  readonly connectTimeoutMs: number;
}

export function openLink({ url, auth, transport, connectTimeoutMs }: LinkOptions, handlers: LinkHandlers): Link {
  const socket = io(url, {
    ...transport,
    auth: { ...auth },
    autoConnect: false,
    forceNew: true,
    reconnection: false,
    retries: 0,
    timeout: connectTimeoutMs,
  });
  const outstanding = new Set<() => void>();
  let closed = false;

  const close = () => {
    closed = true;
    clearTimeout(timer);
    socket.off();
    socket.offAny();
    socket.disconnect();
    for (const abandon of outstanding) abandon();
  };
  const drop = (why: Refusal) => {
    if (closed) return;
    close();
    handlers.down(why);
  };
  const timer = setTimeout(() => {
    const message = `No warren:ready from ${url} within ${connectTimeoutMs} ms.`;
    drop({ code: "CONNECT_TIMEOUT", message, retryable: true });
  }, connectTimeoutMs);

  socket.onAny((name: string, ...args: unknown[]) => {
    if (closed) return;
    if (name === "warren:ready") clearTimeout(timer);
    handlers.message(name, args);
  });
  socket.on("connect_error", (error) => drop(connectRefusal(url, error)));
  socket.on("disconnect", (reason) =>
    drop({ code: "CONNECT_FAILED", message: `The connection to ${url} was lost: ${reason}.`, retryable: true }),
  );
  socket.connect();

  return {
    request(name, args, { timeoutMs, stillGoing }, done) {
      let timeout: ReturnType<typeof setTimeout> | undefined;
      let settled = false;
      const settle = (reply: Reply) => {
        if (settled) return;
        settled = true;
        clearTimeout(timeout);
        outstanding.delete(abandon);
        done(reply);
      };
      const abandon = () => settle({ kind: "lost" });
      if (closed) return abandon();
      const watch = () => {
        timeout = setTimeout(() => (stillGoing?.() ? watch() : settle({ kind: "timeout" })), timeoutMs);
      };
      watch();
      outstanding.add(abandon);
      socket.emit(name, ...args, (answer: unknown) => settle({ kind: "answer", answer }));
    },
    drop,
    close,
  };
}

function connectRefusal(url: string, error: Error & { data?: unknown }): Refusal {
  const refusal = readRefusal(error.data);
  if (refusal !== undefined) return refusal;
  // What a Socket.IO server without a gateway's manners says; it would say so again.
  if (error.message === "Invalid namespace") {
    return { code: "NAMESPACE_UNKNOWN", message: `${url} has no such namespace.`, retryable: false };
  }
  return { code: "CONNECT_FAILED", message: `${url} cannot be reached: ${error.message}.`, retryable: true };
}
