import { fork, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import type { Orders } from "./orders.ts";

/** The clients of one contender, in a process of their own. */
export class Crowd {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, { resolve: (answer: never) => void; reject: (error: Error) => void }>();
  #ids = 0;

  constructor() {
    this.#child = fork(fileURLToPath(new URL("process.ts", import.meta.url)), {
      execArgv: ["--conditions=@warren/source"],
      serialization: "advanced",
    });
    this.#child.on("message", ({ id, answer }: { id: number; answer: never }) => {
      this.#waiting.get(id)?.resolve(answer);
      this.#waiting.delete(id);
    });
    this.#child.once("exit", (code) => {
      for (const { reject } of this.#waiting.values()) reject(new Error(`the clients' process ended with ${code}`));
      this.#waiting.clear();
    });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  /** Rejects when the process has ended. */
  do<Name extends keyof Orders>(name: Name, ask: Orders[Name]["ask"]): Promise<Orders[Name]["answer"]> {
    return new Promise((resolve, reject) => {
      const id = ++this.#ids;
      this.#waiting.set(id, { resolve, reject });
      this.#child.send({ id, name, ask });
    });
  }

  async close(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await gone;
  }
}
