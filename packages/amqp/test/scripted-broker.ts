import { createRequire } from "node:module";
import { createServer, type Socket } from "node:net";
import type { AddressInfo } from "node:net";
import { dirname, join } from "node:path";

interface Codec {
  encodeMethod(method: number, channel: number, fields: object): Buffer;
  readonly [method: string]: unknown;
}

interface ClientFrame {
  readonly id?: number;
  readonly channel: number;
  readonly fields?: Readonly<Record<string, unknown>>;
}

const require = createRequire(import.meta.url);
const library = join(dirname(require.resolve("amqplib")), "lib");
const codec = require(join(library, "defs.js")) as Codec;
const { parseFrame, decodeFrame } = require(join(library, "frame.js")) as {
  parseFrame(bytes: Buffer, max: number): { rest: Buffer } | false;
  decodeFrame(frame: object): ClientFrame;
};

/** One method of the protocol, encoded: `method("ConnectionOpenOk", 0, {})`. */
export function method(name: string, channel: number, fields: object): Buffer {
  return codec.encodeMethod(codec[name] as number, channel, fields);
}

/** What the scripted broker does with a frame of the client: the frames it answers, in one write. */
export type Answers = (name: string, frame: ClientFrame, socket: Socket) => Buffer[] | undefined;

export interface ScriptedBroker extends AsyncDisposable {
  readonly url: string;
  readonly connections: number;
}

/**
 * Says on a socket what a real broker cannot be made to say: an old version, silence, frames out of turn. What the
 * script leaves undefined is answered as a sound broker would.
 */
export async function scriptBroker(script: {
  version?: string;
  answers?: Answers;
  onConnection?: (socket: Socket, count: number) => "scripted" | undefined;
}): Promise<ScriptedBroker> {
  let connections = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    connections++;
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    if (script.onConnection?.(socket, connections) !== "scripted") serve(socket, script);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `amqp://guest:s3cret@127.0.0.1:${(server.address() as AddressInfo).port}/`,
    get connections() {
      return connections;
    },
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const names = new Map(
  Object.entries(codec)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number")
    .map(([name, id]) => [id, name]),
);

function serve(socket: Socket, script: { version?: string; answers?: Answers }): void {
  let bytes: Buffer = Buffer.alloc(0);
  let greeted = false;
  let published = 0;
  socket.on("data", (chunk) => {
    bytes = Buffer.concat([bytes, chunk]);
    if (!greeted && bytes.length >= 8) {
      greeted = true;
      bytes = bytes.subarray(8);
      socket.write(start(script.version ?? "4.1.0"));
    }
    if (!greeted) return;
    for (let frame = parseFrame(bytes, 0); frame !== false; frame = parseFrame(bytes, 0)) {
      bytes = frame.rest;
      const decoded = decodeFrame(frame);
      const name = names.get(decoded.id ?? -1) ?? "";
      if (name === "ChannelOpen") published = 0;
      if (name === "BasicPublish") published++;
      const answers = script.answers?.(name, decoded, socket) ?? sound(name, decoded.channel, published);
      if (answers.length > 0) socket.write(Buffer.concat(answers));
    }
  });
}

function start(version: string): Buffer {
  return method("ConnectionStart", 0, {
    versionMajor: 0,
    versionMinor: 9,
    serverProperties: { product: "RabbitMQ", version },
    mechanisms: Buffer.from("PLAIN"),
    locales: Buffer.from("en_US"),
  });
}

function sound(name: string, channel: number, deliveryTag: number): Buffer[] {
  switch (name) {
    case "ConnectionStartOk":
      return [method("ConnectionTune", 0, { channelMax: 2047, frameMax: 131_072, heartbeat: 60 })];
    case "ConnectionOpen":
      return [method("ConnectionOpenOk", 0, {})];
    case "ConnectionClose":
      return [method("ConnectionCloseOk", 0, {})];
    case "ChannelOpen":
      return [method("ChannelOpenOk", channel, {})];
    case "ChannelClose":
      return [method("ChannelCloseOk", channel, {})];
    case "ConfirmSelect":
      return [method("ConfirmSelectOk", channel, {})];
    case "BasicPublish":
      return [method("BasicAck", channel, { deliveryTag, multiple: false })];
    case "BasicQos":
      return [method("BasicQosOk", channel, {})];
    default:
      return [];
  }
}
