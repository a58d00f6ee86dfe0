import { setTimeout as pause } from "node:timers/promises";
import type { Tally } from "../clients/tally.ts";
import { Crowd } from "../clients/crowd.ts";
import type { Contender } from "../contenders/contender.ts";
import { cpuMs } from "../measure/processes.ts";
import { load } from "../measure/environment.ts";
import { recoveryFigures } from "./recovery-figures.ts";
import type { ContenderName } from "./lineup.ts";
import { withContenders } from "./lineup.ts";
import type { Scenario, ScenarioOptions } from "./scenario.ts";

const CLIENTS = 500;
/** Published before the cut: Socket.IO's recovery needs one event received. */
const WARM_UP = 2;
const SETTLE_MS = 500;
/** Redis streams answer nobody until they have read nearly everything for everybody. */
const IDLE_MS = 12_000;
const TIMEOUT_MS = 60_000;

export interface Variant {
  readonly name: string;
  readonly title: string;
  readonly contenders: readonly ContenderName[];
  /** Topics that the clients share out among them. */
  readonly topics: number;
  /** Events of each topic missed. */
  readonly missed: number;
  /** What happens to the server between cut and return. */
  readonly killed?: "while away" | "is the cut";
  /** Unit: events a second, from before the cut until after the return. */
  readonly flowing?: number;
  /** Unit: events a second, from the return on. */
  readonly flowingAtReturn?: number;
}

const VARIANTS: readonly Variant[] = [
  {
    name: "return",
    title: "500 clients cut at once, 500 events missed each, all back at once",
    contenders: ["warren", "recovery", "redis-streams", "nchan"],
    topics: 1,
    missed: 500,
  },
  {
    name: "killed-away",
    title: "the same, and the server is killed while they are away",
    contenders: ["warren", "recovery", "redis-streams"],
    topics: 1,
    missed: 500,
    killed: "while away",
  },
  {
    name: "kill-cuts",
    title: "the same, and the kill is what cuts them",
    contenders: ["warren", "recovery", "redis-streams"],
    topics: 1,
    missed: 500,
    killed: "is the cut",
  },
  {
    name: "mid-stream",
    title: "cut for a second in mid-stream, 40 events a second flowing on",
    contenders: ["warren", "recovery", "redis-streams"],
    topics: 1,
    missed: 0,
    flowing: 40,
  },
  {
    name: "busy-return",
    title: "500 missed, and 100 events a second published during the return",
    contenders: ["warren", "recovery", "redis-streams"],
    topics: 1,
    missed: 500,
    flowingAtReturn: 100,
  },
  {
    name: "own-topics",
    title: "each client on a topic of its own, 10 events missed",
    contenders: ["warren", "recovery", "redis-streams"],
    topics: CLIENTS,
    missed: 10,
  },
];

export interface Round {
  readonly wallMs: number;
  readonly complete: boolean;
  readonly serverMs: number;
  readonly behindMs: number;
  readonly tally: Tally;
}

export const recovery: Scenario = async (options) => {
  const variants = VARIANTS.filter(({ name }) => options.only.length === 0 || options.only.includes(name));
  const outcomes = [];
  for (const variant of variants) outcomes.push(await measure(variant, options));
  return outcomes;
};

function measure(variant: Variant, options: ScenarioOptions): Promise<ReturnType<typeof recoveryFigures>> {
  return withContenders(variant.contenders, options, async (contenders) => {
    const rounds = new Map<string, Round[]>(contenders.map(({ name }) => [name, []]));
    for (let round = 1; round <= options.rounds; round++) {
      for (const contender of contenders) {
        const result = await once(contender, variant);
        rounds.get(contender.name)!.push(result);
        const { lost, repeated, misordered, unrecovered } = result.tally;
        options.say(
          `${variant.name} ${round}/${options.rounds} ${contender.name}: ${result.wallMs.toFixed(0)} ms, CPU ${result.serverMs}+${result.behindMs} ms, ` +
            `lost ${lost}, repeated ${repeated}, misordered ${misordered}, unrecovered ${unrecovered}; load ${load()}`,
        );
      }
    }
    return recoveryFigures(variant, rounds);
  });
}

async function once(contender: Contender, variant: Variant): Promise<Round> {
  const crowd = new Crowd();
  const topics = Array.from({ length: variant.topics }, (_, topic) => topic);
  const flow = new Flow(contender, topics);
  try {
    await crowd.do("open", {
      dialect: contender.dialect,
      port: contender.port,
      clients: CLIENTS,
      topics: variant.topics,
      capacity: 10_000,
    });
    await flow.publish(WARM_UP);
    await crowd.do("await", { target: flow.published, idleMs: IDLE_MS, timeoutMs: TIMEOUT_MS });
    if (variant.flowing !== undefined) {
      flow.start(variant.flowing);
      await pause(1_000);
    }
    if (variant.killed === "is the cut") {
      await crowd.do("stayAway", undefined);
      await contender.kill();
    } else {
      await crowd.do("cut", undefined);
    }
    await miss(contender, variant, flow);
    const before = spent(contender);
    if (variant.flowingAtReturn !== undefined) flow.start(variant.flowingAtReturn);
    await crowd.do("back", undefined);
    if (variant.flowing !== undefined || variant.flowingAtReturn !== undefined) await pause(2_000);
    await flow.stop();
    const { complete, wallMs } = await crowd.do("await", {
      target: flow.published,
      idleMs: IDLE_MS,
      timeoutMs: TIMEOUT_MS,
    });
    const after = spent(contender);
    // A repeat that is still on its way is one, too.
    await pause(SETTLE_MS);
    const tally = await crowd.do("tally", { target: flow.published });
    return {
      wallMs,
      complete,
      serverMs: after.server - before.server,
      behindMs: after.behind - before.behind,
      tally,
    };
  } finally {
    await flow.stop();
    await crowd.close();
    await pause(SETTLE_MS);
  }
}

/** What happens while the clients are away. */
async function miss(contender: Contender, { killed, missed }: Variant, flow: Flow): Promise<void> {
  await pause(SETTLE_MS);
  if (killed === "is the cut" && !contender.publishesWhileKilled) await contender.restart();
  if (missed > 0) await flow.publish(missed);
  await pause(SETTLE_MS);
  if (killed === "while away") await contender.kill();
  if (killed === "while away" || (killed === "is the cut" && contender.publishesWhileKilled)) await contender.restart();
}

function spent(contender: Contender): { server: number; behind: number } {
  return { server: cpuMs(contender.serverPids()), behind: cpuMs(contender.behindPids()) };
}

/** What is published in one round, numbered from 1. */
class Flow {
  published = 0;
  readonly #contender: Contender;
  readonly #topics: readonly number[];
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(contender: Contender, topics: readonly number[]) {
    this.#contender = contender;
    this.#topics = topics;
  }

  async publish(count: number): Promise<void> {
    const from = this.published + 1;
    this.published += count;
    await this.#contender.publish({ topics: this.#topics, from, count });
  }

  /** One event after the other until `stop`, at most as fast as the contender takes them. */
  start(perSecond: number): void {
    this.#stopped = false;
    this.#running = (async () => {
      const begun = performance.now();
      for (let sent = 1; !this.#stopped; sent++) {
        await this.publish(1);
        await pause(Math.max(0, begun + (sent * 1000) / perSecond - performance.now()));
      }
    })();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#running;
  }
}
