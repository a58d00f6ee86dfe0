import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Child {
  readonly stdout: string;
  readonly stderr: string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once either output holds the text; rejects if the process ends before it does. */
  said(text: string): Promise<void>;
  /** The exit code, or the signal that killed it. */
  readonly exited: Promise<number | NodeJS.Signals>;
}

/** Runs a program of src as its own process, with these variables and no others. */
export function run(program: string, args: readonly string[] = [], env: Record<string, string> = {}): Child {
  const path = fileURLToPath(new URL(`../src/${program}`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@warren/source", path, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const output = { stdout: "", stderr: "" };
  const listeners = new Set<() => void>();
  for (const name of ["stdout", "stderr"] as const) {
    child[name].setEncoding("utf8").on("data", (text: string) => {
      output[name] += text;
      for (const look of listeners) look();
    });
  }
  return {
    get stdout() {
      return output.stdout;
    },
    get stderr() {
      return output.stderr;
    },
    kill: (signal) => void child.kill(signal),
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          const all = output.stdout + output.stderr;
          if (all.includes(text)) resolve();
          else if (child.exitCode !== null) reject(new Error(`ended without saying "${text}": ${all}`));
        };
        listeners.add(look);
        look();
      }),
    exited: once(child, "close").then(() => {
      for (const look of listeners) look();
      return child.exitCode ?? child.signalCode ?? -1;
    }),
  };
}
