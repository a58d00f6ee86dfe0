import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

/**
 * One process, kept alive.
 *
 *   stopped ── start() ──▶ running
 *   running ── the process ends ──▶ waiting      onDeath() is told; the backoff runs
 *   waiting ── the backoff is over ──▶ running
 *   waiting ── stop(), kill() ──▶ stopped
 *   running ── stop() ──▶ stopping               SIGTERM was sent; SIGKILL follows after closeTimeoutMs
 *   stopping ── the process ends ──▶ stopped
 *
 * stopped: no process, none will come. running: one process. waiting: no process, one will come. stopping: the last
 * process, on its way out.
 */
export type SupervisorState = "stopped" | "running" | "waiting" | "stopping";

export interface Death {
  /** "exit code 1", "SIGKILL", or why it could not be started at all. */
  readonly how: string;
  /** How often in a row it ended without having run for `steadyAfterMs`; 1 for the first time. */
  readonly inARow: number;
  /** Unit: milliseconds. */
  readonly restartInMs: number;
}

export interface SupervisorOptions {
  readonly name: string;
  /** What `node` gets: its own options, the file, the file's arguments. */
  readonly nodeArguments: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** One line of its standard output or standard error. */
  onLine(line: string): void;
  onDeath(death: Death): void;
  /** Unit: milliseconds. Doubles with each death in a row. @default { initialMs: 250, maxMs: 10_000 } */
  readonly backoff?: { readonly initialMs: number; readonly maxMs: number };
  /** Unit: milliseconds. A process that ran this long begins its backoff anew. @default 10_000 */
  readonly steadyAfterMs?: number;
  /** Unit: milliseconds. How long a process may drain before it is killed. @default 20_000 */
  readonly closeTimeoutMs?: number;
}

export interface Supervisor {
  readonly name: string;
  readonly state: SupervisorState;
  /** Of the process that runs now. */
  readonly pid: number | undefined;
  start(): void;
  /** Resolves when no process is left. */
  stop(): Promise<void>;
  /** Ends it without a drain. Resolves when no process is left. */
  kill(): Promise<void>;
}

const defaults = {
  backoff: { initialMs: 250, maxMs: 10_000 },
  steadyAfterMs: 10_000,
  closeTimeoutMs: 20_000,
} satisfies Partial<SupervisorOptions>;

const LEASH = fileURLToPath(new URL("leash.ts", import.meta.url));

export function createSupervisor(options: SupervisorOptions): Supervisor {
  const settings = { ...defaults, ...options };
  let state: SupervisorState = "stopped";
  let child: ChildProcess | undefined;
  let restart: NodeJS.Timeout | undefined;
  let deaths = 0;

  function run(): void {
    const startedMs = performance.now();
    let failure: string | undefined;
    state = "running";
    // Its own process group: a Ctrl-C in the terminal reaches the stack alone, which then stops all in order.
    const started = spawn(process.execPath, ["--import", LEASH, ...settings.nodeArguments], {
      cwd: settings.cwd,
      env: settings.env,
      detached: true,
      stdio: ["ignore", "pipe", "pipe", "ipc"],
    });
    child = started;
    for (const stream of [started.stdout, started.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on("line", (line) => settings.onLine(line));
    }
    started.once("error", (error) => (failure = error.message));
    // What the process itself started dies with it, and lets go of the pipes that "close" waits for.
    started.once("exit", () => signalGroup(started, "SIGKILL"));
    started.once("close", (code, signal) => {
      child = undefined;
      ended(failure ?? signal ?? `exit code ${code}`, performance.now() - startedMs);
    });
  }

  function ended(how: string, ranMs: number): void {
    if (state === "stopping") {
      state = "stopped";
      return;
    }
    deaths = ranMs >= settings.steadyAfterMs ? 1 : deaths + 1;
    const restartInMs = Math.min(settings.backoff.initialMs * 2 ** (deaths - 1), settings.backoff.maxMs);
    state = "waiting";
    restart = setTimeout(run, restartInMs);
    settings.onDeath({ how, inARow: deaths, restartInMs });
  }

  async function end(signal: "SIGTERM" | "SIGKILL"): Promise<void> {
    clearTimeout(restart);
    if (state === "waiting") state = "stopped";
    if (child === undefined) return;
    state = "stopping";
    const leaving = child;
    const gone = once(leaving, "close");
    if (signal === "SIGKILL") signalGroup(leaving, signal);
    else leaving.kill(signal);
    const overdue = setTimeout(() => signalGroup(leaving, "SIGKILL"), settings.closeTimeoutMs);
    await gone;
    clearTimeout(overdue);
  }

  return {
    name: settings.name,
    get state() {
      return state;
    },
    get pid() {
      return child?.pid;
    },
    start() {
      if (state === "stopped") run();
    },
    stop: () => end("SIGTERM"),
    kill: () => end("SIGKILL"),
  };
}

/** Signals the process and all that it started; no error when they are gone already. */
function signalGroup(leader: ChildProcess, signal: NodeJS.Signals): void {
  if (leader.pid === undefined) return;
  try {
    process.kill(-leader.pid, signal);
  } catch {
    // ESRCH: nobody is left in the group.
  }
}
