import { get } from "node:http";

export interface Standing {
  readonly ready: boolean;
  /** What it lacks, as its `/readyz` says it: `broker: connection lost`. */
  readonly lacks: string;
}

export interface ReadinessWatch {
  /** How each one stood when it was last asked. */
  readonly standings: ReadonlyMap<string, Standing>;
  readonly allReady: boolean;
  /** Says that one is known to be gone: it counts as unready until it answers again, and is asked at once. */
  lost(name: string): void;
  close(): void;
}

export interface ReadinessOptions {
  /** Name of each process and the URL of its `/readyz`. */
  readonly targets: ReadonlyMap<string, string>;
  /** Called when one turns ready or unready. */
  onChange(name: string, standing: Standing): void;
  /** Unit: milliseconds, between an answer and the next question while one is unready. @default 150 */
  readonly unreadyIntervalMs?: number;
  /** Unit: milliseconds, between an answer and the next question while one is ready. @default 1_000 */
  readonly readyIntervalMs?: number;
}

const defaults = { unreadyIntervalMs: 150, readyIntervalMs: 1_000 } satisfies Partial<ReadinessOptions>;

/** Unit: milliseconds. */
const ANSWER_TIMEOUT_MS = 2_000;
/** Unit: bytes. */
const LONGEST_ANSWER = 65_536;

/** Asks every `/readyz` over and over. */
export function watchReadiness(options: ReadinessOptions): ReadinessWatch {
  const settings = { ...defaults, ...options };
  const standings = new Map<string, Standing>();
  const timers = new Map<string, NodeJS.Timeout>();
  const asking = new Map<string, number>();
  let closed = false;

  async function ask(name: string, url: string): Promise<void> {
    const asked = (asking.get(name) ?? 0) + 1;
    asking.set(name, asked);
    const standing = await standingOf(url);
    // What was asked before the process was lost says nothing about the one that comes after it.
    if (closed || asking.get(name) !== asked) return;
    const before = standings.get(name);
    standings.set(name, standing);
    if (standing.ready !== (before?.ready ?? false)) settings.onChange(name, standing);
    const intervalMs = standing.ready ? settings.readyIntervalMs : settings.unreadyIntervalMs;
    timers.set(
      name,
      setTimeout(() => void ask(name, url), intervalMs),
    );
  }

  for (const [name, url] of settings.targets) void ask(name, url);

  return {
    standings,
    get allReady() {
      return [...settings.targets.keys()].every((name) => standings.get(name)?.ready === true);
    },
    lost(name) {
      const url = settings.targets.get(name);
      if (url === undefined || closed) return;
      clearTimeout(timers.get(name));
      standings.set(name, { ready: false, lacks: "ended" });
      void ask(name, url);
    },
    close() {
      closed = true;
      for (const timer of timers.values()) clearTimeout(timer);
    },
  };
}

/** Never rejects: whoever does not answer is not ready. */
function standingOf(url: string): Promise<Standing> {
  const { promise, resolve } = Promise.withResolvers<Standing>();
  // A connection of its own for each question: a kept one would make a draining server wait for it.
  const request = get(url, { agent: false, timeout: ANSWER_TIMEOUT_MS }, (response) => {
    let body = "";
    response.setEncoding("utf8");
    response.on("data", (chunk: string) => {
      if (body.length < LONGEST_ANSWER) body += chunk;
    });
    response.on("end", () => resolve({ ready: response.statusCode === 200, lacks: lacksIn(body) }));
    response.on("error", () => resolve({ ready: false, lacks: "does not answer" }));
  });
  request.on("timeout", () => request.destroy(new Error("no answer")));
  request.on("error", () => resolve({ ready: false, lacks: "does not answer" }));
  return promise;
}

function lacksIn(body: string): string {
  try {
    const answer: { checks?: Record<string, { ok: boolean; detail?: string }> } = JSON.parse(body);
    return Object.entries(answer.checks ?? {})
      .filter(([, check]) => !check.ok)
      .map(([name, check]) => (check.detail === undefined ? name : `${name}: ${check.detail}`))
      .join(", ");
  } catch {
    return "answers, but not as /readyz does";
  }
}
