import type { Logger } from "./logger.ts";

export interface ConnectionOptions {
  /** `amqp[s]://user:password@host:port/vhost`. */
  readonly url: string;
  /** Shown in the management UI as the connection's name. */
  readonly name: string;
  /** @default silent */
  readonly logger?: Logger;
  /** Unit: seconds. A broker that says nothing is given up after two to three of these. @default 10 */
  readonly heartbeatSeconds?: number;
  /** Unit: milliseconds, for the TCP connect and the handshake together. @default 10_000 */
  readonly connectTimeoutMs?: number;
  /**
   * Unit: milliseconds. Full jitter: each wait is random between 0 and a ceiling that doubles from `initialMs` to `maxMs`.
   * The ceiling is low because a refused TCP connect is cheap, and the broker's return is to be noticed within a second.
   * @default { initialMs: 50, maxMs: 500 }
   */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
}

export type ConnectionState = "connecting" | "open" | "closing" | "closed";

/** One AMQP connection that comes back by itself until it is closed. */
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
  /** Never rejects; done within 5 seconds even if the broker does not answer. */
  close(): Promise<void>;
}

export function createConnection(options: ConnectionOptions): Connection {
  throw new Error(`not yet: ${options.name}`);
}
