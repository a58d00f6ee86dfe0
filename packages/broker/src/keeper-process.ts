import { spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A process that outlives this one, for as long as it takes to clear away what this one began. */
export interface KeeperProcess {
  /** The first line it writes; `undefined` when it ended without one. */
  readonly report: Promise<string | undefined>;
  tell(message: unknown): void;
  /** Its input ends, as it does when this process ends, however that goes. Resolves when it has cleared away and is gone. */
  end(): Promise<void>;
  /** From here on it does not keep this process alive. */
  unref(): void;
}

/**
 * @param module file of the keeper's program
 * @param order the first line of its input
 */
export function startKeeper(module: string, order: unknown): KeeperProcess {
  // A session of its own: a Ctrl-C at the terminal must not reach it before it has cleared away.
  const child = spawn(process.execPath, [module], { detached: true, stdio: ["pipe", "pipe", "ignore"], cwd: "/" });
  const gone = new Promise<void>((resolve) => {
    child.once("exit", () => resolve());
    child.once("error", () => resolve());
  });
  child.stdin.on("error", () => {});
  const tell = (message: unknown) => void child.stdin.write(JSON.stringify(message) + "\n");
  tell(order);
  return {
    report: new Promise((resolve) => {
      const lines = createInterface({ input: child.stdout });
      lines.once("line", resolve);
      lines.once("close", () => resolve(undefined));
    }),
    tell,
    async end() {
      child.ref();
      child.stdin.end();
      await gone;
    },
    unref() {
      child.unref();
      // Pipes of a child are sockets, which the types do not say.
      for (const pipe of [child.stdin, child.stdout])
        if ("unref" in pipe && typeof pipe.unref === "function") pipe.unref();
    },
  };
}
