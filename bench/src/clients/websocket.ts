import { randomBytes } from "node:crypto";
import { connect, type Socket } from "node:net";

export interface WebSocketListener {
  opened(): void;
  /** One message; the bytes stay valid. */
  text(data: Buffer, from: number, to: number): void;
  /** Called once, after `opened` or instead of it. */
  closed(): void;
}

/**
 * A WebSocket client that only reads unfragmented text and pongs: a tenth of a general client's work per message, so
 * that a thousand of them on one core do not become what is measured.
 */
export class LeanWebSocket {
  readonly #socket: Socket;
  readonly #listener: WebSocketListener;
  #upgraded = false;
  #over = false;
  #rest: Buffer | undefined;

  constructor(options: { port: number; path: string; protocol?: string }, listener: WebSocketListener) {
    this.#listener = listener;
    const socket = connect({ port: options.port, host: "127.0.0.1", noDelay: true });
    this.#socket = socket;
    const protocol = options.protocol === undefined ? "" : `Sec-WebSocket-Protocol: ${options.protocol}\r\n`;
    socket.once("connect", () =>
      socket.write(
        `GET ${options.path} HTTP/1.1\r\nHost: 127.0.0.1:${options.port}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
          `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\nSec-WebSocket-Version: 13\r\n${protocol}\r\n`,
      ),
    );
    socket.on("data", (chunk: Buffer) => this.#read(chunk));
    socket.on("error", () => {});
    socket.once("close", () => this.#end());
  }

  /** Sends one text message of less than 64 KiB. Masked, as a client must, with a mask that changes nothing. */
  send(text: string): void {
    if (this.#over) return;
    const length = Buffer.byteLength(text);
    const header =
      length < 126 ? Buffer.from([0x81, 0x80 | length]) : Buffer.from([0x81, 0xfe, length >> 8, length & 0xff]);
    this.#socket.write(Buffer.concat([header, Buffer.alloc(4), Buffer.from(text)]));
  }

  /** Cuts the connection, saying nothing. */
  cut(): void {
    this.#socket.resetAndDestroy();
    this.#end();
  }

  /** Stops reading: what comes fills the network's own buffers, and then the server's. */
  pause(): void {
    this.#socket.pause();
  }

  resume(): void {
    this.#socket.resume();
  }

  #end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#listener.closed();
  }

  #read(chunk: Buffer): void {
    if (this.#over) return;
    let data = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    if (!this.#upgraded) {
      const end = data.indexOf("\r\n\r\n");
      if (end < 0) {
        this.#rest = data;
        return;
      }
      if (data.toString("latin1", 0, 12) !== "HTTP/1.1 101") {
        this.cut();
        return;
      }
      this.#upgraded = true;
      this.#listener.opened();
      data = data.subarray(end + 4);
    }
    const read = this.#frames(data);
    if (read < data.length) this.#rest = data.subarray(read);
  }

  /** How many bytes of it were whole frames. */
  #frames(data: Buffer): number {
    let at = 0;
    while (data.length - at >= 2 && !this.#over) {
      const short = data[at + 1]! & 0x7f;
      const header = short < 126 ? 2 : short === 126 ? 4 : 10;
      if (data.length - at < header) return at;
      const length =
        short < 126 ? short : short === 126 ? data.readUInt16BE(at + 2) : Number(data.readBigUInt64BE(at + 2));
      const from = at + header;
      const to = from + length;
      if (to > data.length) return at;
      const opcode = data[at]! & 0x0f;
      if (opcode === 1) this.#listener.text(data, from, to);
      else if (opcode === 8) this.cut();
      at = to;
    }
    return at;
  }
}
