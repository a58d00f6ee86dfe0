import { createServer, connect, type Server, type Socket } from "node:net";
import type { AddressInfo } from "node:net";

/** One connection through the proxy: the client's end and the gateway's. */
interface Line {
  readonly client: Socket;
  readonly gateway: Socket;
  /** Ends that are not read from. */
  readonly held: Set<Socket>;
  delayMs: number;
  /** The client's end is gone and the gateway does not know. */
  halfOpen: boolean;
}

/** Room for a request's head, in which the client says who it is. */
const HEAD_BYTES = 4_096;

/**
 * The network between the clients and one gateway: a TCP proxy that can reset, swallow or slow what passes, for each
 * client by itself. A client is known by `client=<name>` in the URL of its requests.
 */
export class Network {
  readonly #server: Server;
  readonly #gatewayPort: number;
  readonly #lines = new Map<string, Set<Line>>();
  readonly #delays = new Map<string, number>();
  readonly #open = new Set<Socket>();
  port = 0;

  constructor(gatewayPort: number) {
    this.#gatewayPort = gatewayPort;
    this.#server = createServer((client) => this.#accept(client));
  }

  async listen(): Promise<void> {
    await new Promise<void>((resolve) => this.#server.listen(0, "127.0.0.1", resolve));
    this.port = (this.#server.address() as AddressInfo).port;
  }

  /** Both ends of a client's connections see a reset. */
  reset(name: string): void {
    for (const { client, gateway } of this.#of(name)) {
      client.resetAndDestroy();
      gateway.resetAndDestroy();
    }
  }

  /** The client's end is cut; the gateway's stays open, and silent, until the returned function ends it. */
  halfOpen(name: string): () => void {
    const lines = this.#of(name);
    for (const line of lines) {
      line.halfOpen = true;
      hold(line, line.gateway);
      line.client.resetAndDestroy();
    }
    return () => {
      for (const { gateway } of lines) gateway.resetAndDestroy();
    };
  }

  /** Nothing passes in either direction, and nobody is told, until the returned function lets it through again. */
  swallow(name: string): () => void {
    return this.#hold(name, ({ client, gateway }) => [client, gateway]);
  }

  /** What comes from the gateway is not read any more, until the returned function reads on. */
  stopReading(name: string): () => void {
    return this.#hold(name, ({ gateway }) => [gateway]);
  }

  /** Everything, on connections to come too, arrives so much later. 0 ends it. Unit: milliseconds. */
  delay(name: string, delayMs: number): void {
    if (delayMs === 0) this.#delays.delete(name);
    else this.#delays.set(name, delayMs);
    for (const line of this.#of(name)) line.delayMs = delayMs;
  }

  async close(): Promise<void> {
    for (const socket of this.#open) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #hold(name: string, ends: (line: Line) => Socket[]): () => void {
    const lines = this.#of(name);
    for (const line of lines) for (const end of ends(line)) hold(line, end);
    return () => {
      for (const line of lines) for (const end of ends(line)) release(line, end);
    };
  }

  #of(name: string): Line[] {
    return [...(this.#lines.get(name) ?? [])];
  }

  #accept(client: Socket): void {
    this.#track(client);
    let head = Buffer.alloc(0);
    const identify = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const name = /[?&]client=([\w-]+)/.exec(head.toString("latin1"))?.[1];
      if (name === undefined && head.length < HEAD_BYTES && !head.includes("\r\n\r\n")) return;
      client.off("data", identify);
      client.pause();
      this.#connect(client, name ?? "", head);
    };
    client.on("data", identify);
  }

  #connect(client: Socket, name: string, head: Buffer): void {
    const gateway = connect(this.#gatewayPort, "127.0.0.1");
    this.#track(gateway);
    const line: Line = { client, gateway, held: new Set(), delayMs: this.#delays.get(name) ?? 0, halfOpen: false };
    const lines = this.#lines.get(name) ?? new Set();
    this.#lines.set(name, lines.add(line));
    client.once("close", () => {
      lines.delete(line);
      if (!line.halfOpen) gateway.destroy();
    });
    gateway.once("close", () => {
      lines.delete(line);
      client.end();
    });
    gateway.once("connect", () => {
      gateway.write(head);
      forward(client, gateway, line);
      forward(gateway, client, line);
      client.resume();
    });
  }

  #track(socket: Socket): void {
    socket.setNoDelay(true);
    this.#open.add(socket);
    socket.on("error", () => {});
    socket.once("close", () => this.#open.delete(socket));
  }
}

function hold(line: Line, end: Socket): void {
  line.held.add(end);
  end.pause();
}

function release(line: Line, end: Socket): void {
  line.held.delete(end);
  end.resume();
}

function forward(from: Socket, to: Socket, line: Line): void {
  let last: Promise<void> = Promise.resolve();
  let waiting = 0;
  const pass = (chunk: Buffer) => {
    if (to.destroyed || to.write(chunk)) return;
    from.pause();
    to.once("drain", () => {
      if (!line.held.has(from)) from.resume();
    });
  };
  from.on("data", (chunk: Buffer) => {
    if (line.delayMs === 0 && waiting === 0) {
      pass(chunk);
      return;
    }
    waiting++;
    const arrived = new Promise<void>((resolve) => setTimeout(resolve, line.delayMs));
    const before = last;
    last = (async () => {
      await Promise.all([before, arrived]);
      waiting--;
      pass(chunk);
    })();
  });
}
