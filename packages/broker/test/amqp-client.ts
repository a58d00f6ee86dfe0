import { connect, type Socket } from "node:net";

/** Just enough of AMQP 0-9-1 to hold a connection open, so that this package needs no client library. */
export interface RawConnection {
  /** Resolves when the connection is gone, with what the broker said, if it said anything. */
  readonly closed: Promise<string>;
  readonly isOpen: boolean;
  end(): void;
}

const FRAME_END = 0xce;
const START = (10 << 16) | 10;
const TUNE = (10 << 16) | 30;
const OPEN_OK = (10 << 16) | 41;
const CLOSE = (10 << 16) | 50;

const shortText = (text: string) => Buffer.concat([Buffer.from([Buffer.byteLength(text)]), Buffer.from(text)]);
const longText = (text: string | Buffer) => {
  const length = Buffer.alloc(4);
  length.writeUInt32BE(Buffer.byteLength(text));
  return Buffer.concat([length, Buffer.from(text)]);
};

function method(index: number, body: Buffer): Buffer {
  const head = Buffer.alloc(11);
  head.writeUInt8(1, 0);
  head.writeUInt32BE(body.length + 4, 3);
  head.writeUInt16BE(10, 7);
  head.writeUInt16BE(index, 9);
  return Buffer.concat([head, body, Buffer.from([FRAME_END])]);
}

/** @throws Error with the broker's words when it refuses */
export async function openConnection(amqpUrl: string, name: string): Promise<RawConnection> {
  const url = new URL(amqpUrl);
  const socket = connect(Number(url.port || 5672), url.hostname);
  let open = false;
  let goodbye = "";
  const closed = new Promise<string>((resolve) => socket.once("close", () => resolve(goodbye)));
  socket.on("error", (error) => (goodbye ||= error.message));
  await new Promise<void>((resolve, reject) => {
    socket.once("connect", () => socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])));
    socket.once("close", () => reject(new Error(goodbye || "closed without a word")));
    onMethod(socket, (id, body) => {
      if (id === START) {
        const response = `\0${decodeURIComponent(url.username)}\0${decodeURIComponent(url.password)}`;
        const properties = Buffer.concat([shortText("connection_name"), Buffer.from("S"), longText(name)]);
        socket.write(
          method(11, Buffer.concat([longText(properties), shortText("PLAIN"), longText(response), shortText("en_US")])),
        );
      } else if (id === TUNE) {
        socket.write(method(31, Buffer.concat([body.subarray(0, 6), Buffer.from([0, 0])])));
        socket.write(
          method(
            40,
            Buffer.concat([
              shortText(decodeURIComponent(url.pathname.slice(1)) || "/"),
              shortText(""),
              Buffer.from([0]),
            ]),
          ),
        );
      } else if (id === OPEN_OK) {
        open = true;
        resolve();
      } else if (id === CLOSE) {
        goodbye = body.subarray(3, 3 + body.readUInt8(2)).toString();
        socket.end(method(51, Buffer.alloc(0)));
      }
    });
  });
  return {
    closed,
    get isOpen() {
      return open && !socket.destroyed && goodbye === "";
    },
    end: () => socket.destroy(),
  };
}

function onMethod(socket: Socket, listener: (id: number, body: Buffer) => void): void {
  let pending = Buffer.alloc(0);
  socket.on("data", (chunk: Buffer) => {
    pending = Buffer.concat([pending, chunk]);
    while (pending.length >= 7 && pending.length >= pending.readUInt32BE(3) + 8) {
      const size = pending.readUInt32BE(3);
      if (pending.readUInt8(0) === 1) listener(pending.readUInt32BE(7), pending.subarray(11, 7 + size));
      pending = pending.subarray(size + 8);
    }
  });
}
