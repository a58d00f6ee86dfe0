import type { Broker } from "@warren/broker";
import { watchBroker } from "./broker-watch.ts";
import { entryOf, StackRefused, type App, type StackConfig } from "./config.ts";
import { takenPorts } from "./ports.ts";
import { watchReadiness, type ReadinessWatch } from "./readiness.ts";
import { createSupervisor, type Death, type Supervisor } from "./supervisor.ts";
import { whatToOpen } from "./ready-message.ts";
import type { Terminal } from "./terminal.ts";

/** What the stack asks of the broker it is given. */
export interface StackBroker extends Pick<
  Broker,
  "kind" | "amqpUrl" | "managementUrl" | "username" | "password" | "release"
> {
  readonly faults: Pick<Broker["faults"], "start">;
}

export interface StackParts {
  readonly terminal: Terminal;
  acquireBroker(options: { signal: AbortSignal; say(line: string): void }): Promise<StackBroker>;
  buildPage(options: { signal: AbortSignal; say(line: string): void }): Promise<void>;
  /** Unit: milliseconds, between words about what is waited for. @default 15_000 */
  readonly waitingWordMs?: number;
}

/** A process that never came up. */
class StackFailed extends Error {
  override readonly name = "StackFailed";
}

export interface Stack {
  /**
   * Runs until `stop`, and resolves when all of it is stopped. Rejects, with all of it stopped, when it cannot start:
   * StackRefused for ports, StackFailed for an app that does not come up, or the error of the broker or the page.
   */
  run(): Promise<void>;
  /** Stops everything in the reverse order of its start. */
  stop(): void;
  /** Ends every app at once, without a drain; `run` then goes on to release the broker. */
  kill(): void;
}

/** How often an app may end before the stack was ever ready, until the stack gives up on it. */
const DEATHS_BEFORE_READY = 3;

const defaults = { waitingWordMs: 15_000 } satisfies Partial<StackParts>;

/**
 * Broker, then apps, supervised:
 *
 *   checking ── a port is taken ──▶ ended            nothing was started
 *   checking ──▶ preparing                           broker and page, side by side
 *   preparing ── one fails ──▶ stopping              the other is given up too
 *   preparing ──▶ running                            the apps start; every /readyz is asked
 *   running ── every /readyz is true ──▶ running     "ready" is said; from now on an app that dies is always restarted
 *   running ── an app ends 3 times before that ──▶ stopping
 *   any ── stop() ──▶ stopping                       apps in reverse order, then the broker
 *   stopping ──▶ ended
 */
export function createStack(config: StackConfig, parts: StackParts): Stack {
  const { terminal, waitingWordMs } = { ...defaults, ...parts };
  const abort = new AbortController();
  const failed = Promise.withResolvers<never>();
  const supervisors: Supervisor[] = [];
  const startedMs = performance.now();
  let wasReady = false;
  let readiness: ReadinessWatch | undefined;

  /** Both or none: what was had is given back when the other cannot be had. */
  async function prepare(): Promise<StackBroker> {
    const giveUp = new AbortController();
    const signal = AbortSignal.any([abort.signal, giveUp.signal]);
    const onFailure = (error: unknown) => {
      giveUp.abort(error);
      throw error;
    };
    const [broker, page] = await Promise.allSettled([
      parts.acquireBroker({ signal, say: (line) => terminal.say("broker", line) }).catch(onFailure),
      parts.buildPage({ signal, say: (line) => terminal.say("page", line) }).catch(onFailure),
    ]);
    if (broker.status === "fulfilled" && page.status === "fulfilled" && !abort.signal.aborted) return broker.value;
    if (broker.status === "fulfilled") await broker.value.release();
    throw abort.signal.aborted ? abort.signal.reason : giveUp.signal.reason;
  }

  function supervise(app: App, broker: StackBroker): Supervisor {
    return createSupervisor({
      name: app.name,
      nodeArguments: ["--conditions=@warren/source", entryOf(config.root, app.name)],
      cwd: config.root,
      env: { ...config.environment, AMQP_URL: broker.amqpUrl, [app.portVariable]: String(app.port) },
      onLine: (line) => terminal.say(app.name, line),
      onDeath: (death) => onDeath(app, death),
    });
  }

  function onDeath(app: App, death: Death): void {
    readiness?.lost(app.name);
    if (!wasReady && death.inARow >= DEATHS_BEFORE_READY) {
      const times = `${death.inARow} times before it was ready (${death.how})`;
      failed.reject(new StackFailed(`the ${app.name} ended ${times}: its own lines above say why`));
      return;
    }
    terminal.say(app.name, terminal.paint("red", `ended (${death.how}); starts again in ${death.restartInMs} ms`));
  }

  function watch(broker: StackBroker): ReadinessWatch {
    const readyAtLeastOnce = new Set<string>();
    const watched = watchReadiness({
      targets: new Map(config.apps.map((app) => [app.name, `http://127.0.0.1:${app.port}/readyz`])),
      onChange(name, standing) {
        if (!standing.ready) terminal.say(name, terminal.paint("yellow", `not ready (${standing.lacks})`));
        else if (readyAtLeastOnce.has(name)) terminal.say(name, "ready again");
        else readyAtLeastOnce.add(name);
        // A listener may be told before the watch was returned, when nothing can be ready yet.
        if (wasReady || !standing.ready || !watched.allReady) return;
        wasReady = true;
        terminal.tell(whatToOpen(config, broker, terminal, performance.now() - startedMs));
      },
    });
    return watched;
  }

  /** A broker behind a URL is somebody else's to keep running. */
  function keep(broker: StackBroker): { close(): void } | undefined {
    if (broker.kind === "url") return undefined;
    const { hostname, port } = new URL(broker.amqpUrl);
    return watchBroker({
      host: hostname,
      port: Number(port),
      start: () => broker.faults.start(),
      say: (line) => terminal.say("broker", line),
    });
  }

  function sayWhatIsMissing(): void {
    if (wasReady) return;
    for (const app of config.apps) {
      const standing = readiness?.standings.get(app.name);
      if (standing?.ready !== true) terminal.say(app.name, `waited for (${standing?.lacks ?? "does not answer"})`);
    }
  }

  return {
    async run() {
      const taken = await takenPorts(config.apps);
      if (taken.length > 0) throw new StackRefused(taken);
      let broker: StackBroker;
      try {
        broker = await prepare();
      } catch (error) {
        if (abort.signal.aborted) return;
        throw error;
      }
      supervisors.push(...config.apps.map((app) => supervise(app, broker)));
      for (const supervisor of supervisors) supervisor.start();
      readiness = watch(broker);
      const kept = keep(broker);
      const waiting = setInterval(sayWhatIsMissing, waitingWordMs);
      const stopped = Promise.withResolvers<undefined>();
      abort.signal.addEventListener("abort", () => stopped.resolve(undefined), { once: true });
      try {
        await Promise.race([stopped.promise, failed.promise]);
      } finally {
        clearInterval(waiting);
        readiness.close();
        kept?.close();
        for (const supervisor of supervisors.toReversed()) await supervisor.stop();
        if (broker.kind !== "url") terminal.say("broker", "stopping");
        await broker.release();
      }
    },
    stop: () => abort.abort(new Error("stopped")),
    kill() {
      for (const supervisor of supervisors) void supervisor.kill();
    },
  };
}
