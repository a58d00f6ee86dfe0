import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { fileURLToPath } from "node:url";
import { environmentWith } from "../config.ts";
import type { MemoryReading } from "./probe.ts";

const PROBE = new URL("probe.ts", import.meta.url).href;
const KEPT_OUTPUT = 4_000;

/** One server as a process that can be killed and started again. */
export class ServerProcess {
  readonly #command: string;
  readonly #args: readonly string[];
  readonly #env: Readonly<Record<string, string>>;
  readonly #ipc: boolean;
  #child: ChildProcess | undefined;
  #output = "";

  private constructor(command: string, args: readonly string[], env: Readonly<Record<string, string>>, ipc: boolean) {
    this.#command = command;
    this.#args = args;
    this.#env = env;
    this.#ipc = ipc;
  }

  /** A TypeScript module of this repository, with the memory probe in it. */
  static node(
    module: URL,
    options: { env?: Readonly<Record<string, string>>; args?: readonly string[]; flags?: readonly string[] } = {},
  ): ServerProcess {
    const { env = {}, args = [], flags = [] } = options;
    const all = [...flags, "--conditions=@warren/source", "--import", PROBE, fileURLToPath(module), ...args];
    return new ServerProcess(process.execPath, all, env, true);
  }

  static program(command: string, args: readonly string[]): ServerProcess {
    return new ServerProcess(command, args, {}, false);
  }

  get pid(): number {
    return this.#child!.pid!;
  }

  get running(): boolean {
    return this.#child !== undefined && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get child(): ChildProcess {
    return this.#child!;
  }

  spawn(): void {
    const child = spawn(this.#command, this.#args, {
      env: environmentWith(this.#env),
      stdio: ["ignore", "pipe", "pipe", ...(this.#ipc ? (["ipc"] as const) : [])],
      serialization: "advanced",
    });
    for (const stream of [child.stdout!, child.stderr!]) {
      stream.on("data", (chunk: Buffer) => (this.#output = (this.#output + chunk.toString()).slice(-KEPT_OUTPUT)));
    }
    child.on("error", () => {});
    this.#child = child;
  }

  /** Waits until `fact` says so. Throws with the server's last words when it ends before. */
  async until(fact: () => Promise<boolean>): Promise<void> {
    while (!(await fact().catch(() => false))) {
      if (!this.running) throw new Error(`${this.#command} ended:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }

  /** Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals): Promise<void> {
    if (!this.running) return;
    const gone = once(this.child, "exit");
    this.child.kill(signal);
    await gone;
  }

  /** What a Node server holds once its garbage is gone. */
  async memory(): Promise<MemoryReading> {
    const { child } = this;
    return new Promise((resolve) => {
      const answered = (message: MemoryReading & { probe?: string }): void => {
        if (message.probe !== "memory") return;
        child.off("message", answered);
        resolve(message);
      };
      child.on("message", answered);
      child.send({ probe: "memory" });
    });
  }
}

/** A port on which nothing listens now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}
