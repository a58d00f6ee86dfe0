import { spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { text } from "node:stream/consumers";

export interface TurboOptions {
  /** The repository's root, absolute. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Ends turbo and what it runs. */
  readonly signal?: AbortSignal;
}

/** Runs turbo with its output going where this process's goes. Resolves to its exit code; 1 when a signal ended it. */
export async function runTurbo(args: readonly string[], options: TurboOptions): Promise<number> {
  const turbo = startTurbo(["--ui=stream", ...args], options, ["ignore", "inherit", "inherit"]);
  await once(turbo, "close");
  return turbo.exitCode ?? 1;
}

/** One thing that turbo would run. */
export interface TurboTask {
  /** `@warren/amqp` */
  readonly package: string;
  /** `test:broker` */
  readonly task: string;
  /** Of the package, relative to the root. */
  readonly directory: string;
}

/** turbo did not say what it would run: its own message is this one's. */
class TurboRefused extends Error {
  override readonly name = "TurboRefused";
}

/** Which of the tasks exist in which packages, as the arguments (`--filter`) select them. */
export async function tasksOf(
  tasks: readonly string[],
  args: readonly string[],
  options: TurboOptions,
): Promise<TurboTask[]> {
  const turbo = startTurbo([...tasks, "--dry=json", ...args], options, ["ignore", "pipe", "pipe"]);
  const closed = once(turbo, "close");
  const [output, complaint] = await Promise.all([
    turbo.stdout === null ? "" : text(turbo.stdout),
    turbo.stderr === null ? "" : text(turbo.stderr),
  ]);
  await closed;
  if (turbo.exitCode !== 0) throw new TurboRefused(complaint.trim() || `turbo ended with ${turbo.exitCode}`);
  const plan: { tasks: (TurboTask & { command: string })[] } = JSON.parse(output);
  return plan.tasks.filter((planned) => tasks.includes(planned.task) && planned.command !== "<NONEXISTENT>");
}

function startTurbo(args: readonly string[], options: TurboOptions, stdio: StdioOptions) {
  const turbo = join(options.root, "node_modules", "turbo", "bin", "turbo");
  const child = spawn(process.execPath, [turbo, "run", ...args], {
    cwd: options.root,
    env: { ...options.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    stdio,
  });
  const end = () => child.kill("SIGTERM");
  options.signal?.addEventListener("abort", end, { once: true });
  child.once("close", () => options.signal?.removeEventListener("abort", end));
  return child;
}
