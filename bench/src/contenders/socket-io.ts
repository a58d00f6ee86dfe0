import type { Batch } from "../event.ts";
import type { Contender } from "./contender.ts";
import { Redis } from "./redis.ts";
import { freePort, ServerProcess } from "./server-process.ts";
import type { SocketIoOptions } from "./socket-io-server.ts";

const SERVER = new URL("socket-io-server.ts", import.meta.url);

/** Stock Socket.IO: as it comes, or with connection state recovery, in memory or over Redis streams. */
export class SocketIo implements Contender {
  readonly dialect = "socket.io";
  readonly publishesWhileKilled = false;
  readonly name: string;
  readonly port: number;
  readonly redis: Redis | undefined;
  readonly #server: ServerProcess;
  /** One for each batch that the server was given and has not yet told of. */
  #publishing: (() => void)[] = [];

  private constructor(name: string, port: number, redis: Redis | undefined, server: ServerProcess) {
    this.name = name;
    this.port = port;
    this.redis = redis;
    this.#server = server;
  }

  /** Throws NotHere where Redis is wanted and cannot be had. */
  static async start(kind: "stock" | "recovery" | "redis-streams"): Promise<SocketIo> {
    const redis = kind === "redis-streams" ? await Redis.start() : undefined;
    const port = await freePort();
    const options: SocketIoOptions = { port, recovery: kind !== "stock", redisPort: redis?.port };
    const server = ServerProcess.node(SERVER, { args: [JSON.stringify(options)] });
    const names = {
      stock: "Socket.IO",
      recovery: "Socket.IO, recovery in memory",
      "redis-streams": "Socket.IO, Redis streams",
    };
    const contender = new SocketIo(names[kind], port, redis, server);
    await contender.restart();
    return contender;
  }

  serverPids(): readonly number[] {
    return [this.#server.pid];
  }

  behindPids(): readonly number[] {
    return this.redis === undefined ? [] : [this.redis.pid];
  }

  async publish(batch: Batch): Promise<void> {
    const published = Promise.withResolvers<void>();
    this.#publishing.push(published.resolve);
    this.#server.child.send({ batch });
    await published.promise;
  }

  kill(): Promise<void> {
    return this.#server.stop("SIGKILL");
  }

  async restart(): Promise<void> {
    this.#server.spawn();
    let listening = false;
    this.#publishing = [];
    this.#server.child.on("message", (message: { listening?: true; published?: true }) => {
      if (message.listening === true) listening = true;
      if (message.published === true) this.#publishing.shift()?.();
    });
    await this.#server.until(async () => listening);
  }

  memory(): ReturnType<ServerProcess["memory"]> {
    return this.#server.memory();
  }

  async close(): Promise<void> {
    await this.#server.stop("SIGKILL");
    await this.redis?.stop();
  }
}
