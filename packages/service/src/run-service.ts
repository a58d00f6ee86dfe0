import { ConfigError } from "./config-error.ts";
import { createLogger, type Logger } from "./logger.ts";

export interface ServiceContext {
  /** Names the service. Set `logger.level` once the configuration says which. */
  logger: Logger;
  /** Aborts when the process is told to stop, be it while it still starts. */
  signal: AbortSignal;
}

export interface Running {
  /** Stops taking work, finishes what was taken, releases everything. */
  close(): Promise<void>;
}

export interface ServiceOptions {
  name: string;
  start(context: ServiceContext): Promise<Running>;
  /** Unit: milliseconds. How long a drain may take before the process exits all the same, with code 1. @default 15_000 */
  closeTimeoutMs?: number;
  /** @default createLogger({ name }) */
  logger?: Logger;
}

const defaults = { closeTimeoutMs: 15_000 } satisfies Partial<ServiceOptions>;

/**
 * Unit: milliseconds. A Ctrl-C under npm arrives twice, from the terminal and from npm: the same signal again within
 * this time is the same wish, not a second one.
 */
const ECHO_MS = 200;

/**
 * The life of a process, from its start to its exit. Never returns otherwise than by `process.exit`.
 *
 *   starting ── start() resolves ──▶ running
 *   starting ── ConfigError ──▶ exit 1: each fault on its own line of standard error, no stack
 *   starting ── any other error ──▶ exit 1, logged
 *   starting, running ── SIGTERM, SIGINT ──▶ draining ── close() resolves ──▶ exit 0
 *   starting, running ── uncaught error or rejection ──▶ draining ──▶ exit 1
 *   draining ── a second signal, or closeTimeoutMs ──▶ exit 1, forced
 */
export async function runService(options: ServiceOptions): Promise<void> {
  const settings = { ...defaults, ...options };
  const logger = settings.logger ?? createLogger({ name: settings.name });
  const abort = new AbortController();
  let stopping: { by: string; sinceMs: number; exitCode: number } | undefined;
  const stopped = Promise.withResolvers<undefined>();

  function stop(by: string, exitCode: number): void {
    stopping = { by, sinceMs: performance.now(), exitCode };
    logger.info({ by, closeTimeoutMs: settings.closeTimeoutMs }, `${by}: draining; a second signal forces the exit`);
    setTimeout(() => {
      logger.error({ by }, `not drained within ${settings.closeTimeoutMs} ms: forced exit`);
      process.exit(1);
    }, settings.closeTimeoutMs);
    abort.abort(new Error(by));
    stopped.resolve(undefined);
  }

  function onSignal(signal: NodeJS.Signals): void {
    if (stopping === undefined) return stop(signal, 0);
    if (stopping.by === signal && performance.now() - stopping.sinceMs < ECHO_MS) return;
    logger.warn({ by: signal }, `${signal} while draining: forced exit`);
    process.exit(1);
  }

  function onUnforeseen(kind: string, error: unknown): void {
    logger.fatal({ err: error }, kind);
    if (stopping === undefined) stop(kind, 1);
    else stopping.exitCode = 1;
  }

  process.on("SIGTERM", onSignal);
  process.on("SIGINT", onSignal);
  process.on("uncaughtException", (error) => onUnforeseen("uncaught exception", error));
  process.on("unhandledRejection", (reason) => onUnforeseen("unhandled rejection", reason));

  let running: Running;
  try {
    running = await settings.start({ logger, signal: abort.signal });
  } catch (error) {
    // A start that was told to stop rejects because of it, with whatever error its parts have for that.
    if (stopping !== undefined && !(error instanceof ConfigError)) {
      logger.info({ reason: String(error) }, "stopped while starting");
      return process.exit(stopping.exitCode);
    }
    if (error instanceof ConfigError) {
      for (const fault of error.faults) process.stderr.write(`${settings.name}: ${fault}\n`);
    } else {
      logger.fatal({ err: error }, "could not start");
    }
    return process.exit(1);
  }

  await stopped.promise;
  try {
    await running.close();
    logger.info("drained");
  } catch (error) {
    logger.error({ err: error }, "the drain failed");
    return process.exit(1);
  }
  return process.exit(stopping?.exitCode ?? 0);
}
