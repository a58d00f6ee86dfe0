import { createClient } from "redis";
import { output, program } from "./debian.ts";
import { freePort, ServerProcess } from "./server-process.ts";

/** A Redis of its own that keeps everything in memory. */
export class Redis {
  readonly port: number;
  readonly version: string;
  readonly #server: ServerProcess;

  private constructor(port: number, version: string, server: ServerProcess) {
    this.port = port;
    this.version = version;
    this.#server = server;
  }

  /** Throws NotHere. */
  static async start(): Promise<Redis> {
    const command = program("redis-server", ["redis-server"]);
    const port = await freePort();
    const args = ["--port", String(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"];
    const server = ServerProcess.program(command, args);
    server.spawn();
    await server.until(async () => {
      const client = createClient({ url: `redis://127.0.0.1:${port}`, socket: { reconnectStrategy: false } });
      client.on("error", () => {});
      await client.connect();
      await client.close();
      return true;
    });
    const version = /v=(\S+)/.exec(output(command, ["--version"]))?.[1] ?? "unknown";
    return new Redis(port, version, server);
  }

  get pid(): number {
    return this.#server.pid;
  }

  stop(): Promise<void> {
    return this.#server.stop("SIGTERM");
  }
}
