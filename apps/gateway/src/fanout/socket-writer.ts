import type { Socket } from "socket.io";
import type { EncodedEvent } from "./packet.ts";

/** What socket.io and engine.io have behind their public types, and their own adapters use. Checked before use. */
interface EngineConnection {
  readonly transport: { readonly writable: boolean };
  readonly writeBuffer: readonly unknown[];
  write(data: string | Buffer, options: { compress: boolean; preEncoded: boolean }, flushed?: () => void): unknown;
}

/**
 * Writes encoded events to one socket and knows how much of it the network has not taken yet. Packets share the
 * connection's one queue with whatever Socket.IO writes itself, so acks, control messages and events keep their order.
 */
export class SocketWriter {
  readonly #connection: EngineConnection;
  #pendingBytes = 0;

  constructor(socket: Socket) {
    const connection = socket.conn as unknown as EngineConnection;
    if (typeof connection.write !== "function" || !Array.isArray(connection.writeBuffer)) {
      throw new TypeError("this version of engine.io has no socket.write: fan-out needs engine.io 6");
    }
    this.#connection = connection;
  }

  /** Unit: bytes handed over and not known to have left; never less than what really waits. */
  get pendingBytes(): number {
    const { transport, writeBuffer } = this.#connection;
    if (transport.writable && writeBuffer.length === 0) this.#pendingBytes = 0;
    return this.#pendingBytes;
  }

  /** @param flushed called once the last of these events was handed to the network; never when the connection dies */
  write(events: readonly EncodedEvent[], flushed?: () => void): void {
    this.#pendingBytes = this.pendingBytes;
    for (const [index, event] of events.entries()) {
      this.#pendingBytes += event.bytes;
      for (const [part, packet] of event.packets.entries()) {
        const last = index === events.length - 1 && part === event.packets.length - 1;
        // A fresh options object each time: engine.io writes into it.
        this.#connection.write(packet, { compress: false, preEncoded: true }, last ? flushed : undefined);
      }
    }
  }
}
