import type { EventEmitter } from "node:events";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import type { Duplex } from "node:stream";
import type * as amqplib from "amqplib";

/*
 * The parts of amqplib behind its own door. `amqplib.connect` gives the connection out only after the handshake, and
 * channels only after they are open; whatever the broker says in the same breath then meets no listener, and an
 * `error` without a listener ends the process. It also drops the broker's reason for refusing a virtual host, and
 * keeps the socket, so that a handshake that hangs cannot be ended. Here listeners come first. The version of amqplib
 * is pinned, and test/connection.test.ts says whether another still has these parts.
 */

export interface RawConnection extends EventEmitter {
  readonly serverProperties: { readonly product?: unknown; readonly version?: unknown };
  open(fields: OpenFields, opened: (error: Error | null) => void): void;
  close(closed?: (error?: Error | null) => void): void;
  /** Hands the next frame of the handshake over. */
  step(next: (error: Error | null, frame: Frame | null) => void): void;
}

export interface Frame {
  readonly id?: number;
  readonly channel: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}

/** What the client says during the handshake. */
export interface OpenFields {
  readonly clientProperties: Readonly<Record<string, unknown>>;
  readonly mechanism: string;
  readonly response: Buffer;
  readonly locale: string;
  readonly channelMax: number;
  readonly frameMax: number;
  readonly heartbeat: number;
  readonly virtualHost: string;
  readonly capabilities: string;
  readonly insist: number;
}

interface Unopened {
  open(): Promise<unknown>;
  rpc(method: number, fields: object, expect: number): Promise<unknown>;
}

export type RawChannel = amqplib.Channel & Unopened;
export type RawConfirmChannel = amqplib.ConfirmChannel & Unopened;

interface Parts {
  readonly Connection: new (socket: Duplex) => RawConnection;
  readonly Channel: new (connection: RawConnection) => RawChannel;
  readonly ConfirmChannel: new (connection: RawConnection) => RawConfirmChannel;
  readonly defs: {
    readonly ConnectionClose: number;
    readonly ConfirmSelect: number;
    readonly ConfirmSelectOk: number;
  };
  readonly credentials: typeof amqplib.credentials;
}

export const parts: Parts = load();

function load(): Parts {
  const require = createRequire(import.meta.url);
  const door = require.resolve("amqplib");
  const part = (name: string): never => require(join(dirname(door), "lib", name)) as never;
  const { Connection } = part("connection.js") as Pick<Parts, "Connection">;
  const { Channel, ConfirmChannel } = part("channel_model.js") as Pick<Parts, "Channel" | "ConfirmChannel">;
  const { credentials } = require("amqplib") as Pick<Parts, "credentials">;
  return { Connection, Channel, ConfirmChannel, defs: part("defs.js"), credentials };
}
