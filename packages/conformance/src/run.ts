import { randomBytes } from "node:crypto";
import { BOTH, NotProvable, show, type Check } from "./check.ts";
import { CHECKS, UNPROVABLE } from "./checks/index.ts";
import { summarise, type Report, type Result } from "./report.ts";
import { Stage } from "./stage.ts";
import type { Transport } from "./visitor.ts";

export interface ConformanceOptions {
  /** A namespace in which anonymous clients may publish and subscribe. @default "/chat" */
  readonly namespace?: string;
  /** Names of the checks to run. @default all */
  readonly only?: readonly string[];
  /** @default both */
  readonly transports?: readonly Transport[];
  /** Whether the checks that take more than ten seconds run too. @default false */
  readonly slow?: boolean;
  /** How long a check waits for any one thing. Unit: milliseconds. @default 10_000 */
  readonly timeoutMs?: number;
  /** Told of each result as it comes. */
  readonly onResult?: (result: Result) => void;
}

/** The suite cannot be run: nothing answers at the URL, or not as a gateway with that namespace would. */
export class Unreachable extends Error {
  override readonly name = "Unreachable";
}

const defaults = {
  namespace: "/chat",
  only: undefined,
  transports: BOTH,
  slow: false,
  timeoutMs: 10_000,
  onResult: () => {},
} satisfies { [K in keyof ConformanceOptions]-?: ConformanceOptions[K] | undefined };

/**
 * Tries every promise of the protocol on a gateway, through plain Socket.IO clients alone. What it publishes has topics
 * that begin with the run's own word, so the gateway may be in use; its clients of `#` see a few hundred events.
 * Throws Unreachable, and RangeError for a name in `only` that is no check's.
 */
export async function runConformance(url: string, options: ConformanceOptions = {}): Promise<Report> {
  const { namespace, only, transports, slow, timeoutMs, onResult } = { ...defaults, ...options };
  const root = url.replace(/\/+$/, "");
  const run = `conformance-${randomBytes(4).toString("hex")}`;
  const known = [...CHECKS, ...UNPROVABLE].map(({ name }) => name);
  const stray = only?.find((name) => !known.includes(name));
  if (stray !== undefined) throw new RangeError(`no check is named "${stray}": there are ${known.join(", ")}`);
  const wanted = ({ name }: { name: string }) => only === undefined || only.includes(name);
  await reach({ url: root, namespace, timeoutMs });

  const results: Result[] = [];
  const note = (result: Result) => {
    results.push(result);
    onResult(result);
  };
  let hopeless: string | undefined;
  for (const check of CHECKS.filter(wanted)) {
    const { name, promise } = check;
    const reason =
      hopeless ?? (check.slow === true && !slow && only === undefined ? "slow: asked for with --slow" : "");
    if (reason !== "") {
      note({ name, promise, outcome: "skipped", reason, durationMs: 0 });
      continue;
    }
    for (const transport of check.transports.filter((each) => transports.includes(each))) {
      const prefix = `${run}.${name}-${transport}`;
      const result = await tryOut(check, transport, new Stage({ url: root, namespace, prefix, transport, timeoutMs }));
      note(result);
      if (check.essential === true && result.outcome === "failed") hopeless = `there is nothing to try without ${name}`;
    }
  }
  for (const { name, promise } of UNPROVABLE.filter(wanted))
    note({ name, promise, outcome: "skipped", reason: "not provable from outside", durationMs: 0 });
  return summarise({ url: root, namespace, run }, results);
}

async function tryOut(check: Check, transport: Transport, stage: Stage): Promise<Result> {
  const { name, promise } = check;
  const began = performance.now();
  const result = (outcome: Result["outcome"]): Result => ({
    name,
    promise,
    transport,
    outcome,
    durationMs: Math.round(performance.now() - began),
  });
  try {
    await check.run(stage);
    return result("passed");
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { ...result(error instanceof NotProvable ? "skipped" : "failed"), reason };
  } finally {
    stage.close();
  }
}

/** Throws Unreachable unless a Socket.IO server lets a client into the namespace. */
async function reach({ url, namespace, timeoutMs }: { url: string; namespace: string; timeoutMs: number }) {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Unreachable(`"${url}" is no http(s) URL`);
  const stage = new Stage({ url, namespace, prefix: "reach", transport: "polling", timeoutMs });
  const visitor = stage.knock({ topics: [] });
  try {
    await visitor.until(() => visitor.socket.connected, "a connection");
  } catch {
    const { ended } = visitor;
    if (ended?.data === undefined)
      throw new Unreachable(`no gateway answers at ${url}: ${ended?.message ?? `nothing came within ${timeoutMs} ms`}`);
    throw new Unreachable(`${url} refuses namespace "${namespace}": ${show(ended.data)}`);
  } finally {
    stage.close();
  }
}
