import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";

export interface Child {
  stdout: string;
  stderr: string;
  kill(signal: NodeJS.Signals): void;
  /** Resolves once standard output holds the text; rejects if the process ends before it does. */
  said(text: string): Promise<void>;
  /** The exit code, or the signal that killed it. */
  exited: Promise<number | NodeJS.Signals>;
}

/** Runs a program of test/programs as its own process. */
export function run(program: string, args: readonly string[], env: Record<string, string> = {}): Child {
  const path = fileURLToPath(new URL(`programs/${program}`, import.meta.url));
  const child = spawn(process.execPath, ["--conditions=@warren/source", path, ...args], {
    env: { PATH: process.env["PATH"], ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const listeners = new Set<() => void>();
  const result: Child = {
    stdout: "",
    stderr: "",
    kill: (signal) => void child.kill(signal),
    said: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (result.stdout.includes(text)) resolve();
          else if (child.exitCode !== null)
            reject(new Error(`ended without saying "${text}": ${result.stdout}${result.stderr}`));
        };
        listeners.add(look);
        look();
      }),
    exited: once(child, "close").then(() => {
      for (const look of listeners) look();
      return child.exitCode ?? child.signalCode ?? -1;
    }),
  };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    result.stdout += text;
    for (const look of listeners) look();
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => (result.stderr += text));
  return result;
}
