import type { Socket } from "socket.io";
import { bareWebSocket, bufferedBytes, type EngineConnection } from "./bare-websocket.ts";
import type { Burst } from "./burst.ts";

/**
 * Writes bursts to one socket, and knows how much the network has not taken yet. A burst goes to a bare WebSocket in one
 * write; any other connection gets it packet by packet through engine.io's queue, in order with all that Socket.IO
 * writes itself.
 */
export class SocketWriter {
  readonly #connection: EngineConnection;
  /** Unit: bytes given to engine.io's queue and not known to have left it. */
  #queuedBytes = 0;

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
    if (transport.writable && writeBuffer.length === 0) this.#queuedBytes = 0;
    return Math.max(this.#queuedBytes, bufferedBytes(this.#connection));
  }

  /** @param flushed called once the last of the burst was handed to the network; never when the connection dies */
  write(burst: Burst, flushed?: () => void): void {
    const stream = bareWebSocket(this.#connection);
    if (stream !== undefined) {
      if (flushed === undefined) stream.write(burst.frames);
      else stream.write(burst.frames, (error) => (error ? undefined : flushed()));
      return;
    }
    this.#queuedBytes = this.pendingBytes + burst.bytes;
    const lastEvent = burst.events.at(-1);
    for (const event of burst.events) {
      const lastPacket = event.packets.at(-1);
      for (const packet of event.packets) {
        const last = event === lastEvent && packet === lastPacket;
        // A fresh options object each time: engine.io writes into it.
        this.#connection.write(packet, { compress: false }, last ? flushed : undefined);
      }
    }
  }
}
