import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";

export interface PageOptions {
  /** The repository's root, absolute. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  /** Unit: milliseconds. Past it a word is said, for a build that is not in turbo's cache. @default 1_500 */
  readonly patienceMs?: number;
  say(line: string): void;
}

/** The page could not be built; the lines of the build are in `output`. */
export class PageBuildFailed extends Error {
  override readonly name = "PageBuildFailed";
  readonly output: readonly string[];

  constructor(output: readonly string[]) {
    super("the page could not be built (npm run build -- --filter=@warren/console shows it again)");
    this.output = output;
  }
}

/** Builds the page the gateway serves, unless turbo has the build of these very sources in its cache. */
export async function buildPage(options: PageOptions): Promise<void> {
  const turbo = join(options.root, "node_modules", "turbo", "bin", "turbo");
  if (!existsSync(join(options.root, "apps", "console", "index.html"))) return;
  const output: string[] = [];
  const build = spawn(process.execPath, [turbo, "run", "build", "--filter=@warren/console", "--output-logs=new-only"], {
    cwd: options.root,
    env: { ...options.env, TURBO_TELEMETRY_DISABLED: "1", TURBO_NO_UPDATE_NOTIFIER: "1" },
    // A group of its own, so that all of turbo's children can be ended together.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const abort = () => endGroup(build.pid);
  options.signal.addEventListener("abort", abort, { once: true });
  const patience = setTimeout(() => options.say("building the page"), options.patienceMs ?? 1_500);
  for (const stream of [build.stdout, build.stderr]) {
    createInterface({ input: stream }).on("line", (line) => output.push(line));
  }
  try {
    await once(build, "close");
    options.signal.throwIfAborted();
    if (build.exitCode !== 0) throw new PageBuildFailed(output);
  } finally {
    clearTimeout(patience);
    options.signal.removeEventListener("abort", abort);
  }
}

function endGroup(leader: number | undefined): void {
  if (leader === undefined) return;
  try {
    process.kill(-leader, "SIGTERM");
  } catch {
    // ESRCH: the build is over.
  }
}
