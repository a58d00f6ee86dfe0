import { setTimeout as pause } from "node:timers/promises";
import { Crowd } from "../clients/crowd.ts";
import type { Contender } from "../contenders/contender.ts";
import type { Batch } from "../event.ts";
import { load } from "../measure/environment.ts";
import { cpuMs } from "../measure/processes.ts";
import { median, percentile } from "../measure/statistics.ts";
import { micros, ratio, type Figure, type Outcome } from "../report/figure.ts";
import { withContenders } from "./lineup.ts";
import type { Scenario } from "./scenario.ts";

const CLIENTS = 1_000;
const WARM_UP = 20;
const IDLE_MS = 10_000;
const TIMEOUT_MS = 90_000;
/** One delivery in so many is timed: reading the clock at each would cost the clients more than the delivery. */
const TIMED_EVERY = 7;

interface Mode {
  readonly name: string;
  readonly title: string;
  readonly topics: number;
  /** Events of each topic. */
  readonly events: number;
  /** Events published in one turn. */
  readonly together: number;
  /** Unit: milliseconds from one turn to the next; 0: as fast as it goes. */
  readonly everyMs: number;
  /** At most this share of stock Socket.IO's CPU per delivery. */
  readonly share: number;
  readonly timed: boolean;
}

const MODES: readonly Mode[] = [
  {
    name: "bursts",
    title: "bursts of 10",
    topics: 1,
    events: 300,
    together: 10,
    everyMs: 120,
    share: 1 / 5,
    timed: true,
  },
  { name: "flat-out", title: "flat out", topics: 1, events: 600, together: 50, everyMs: 0, share: 1 / 8, timed: false },
  { name: "singles", title: "one by one", topics: 1, events: 150, together: 1, everyMs: 25, share: 0.8, timed: true },
  {
    name: "audiences",
    title: "1,000 audiences of one client, an event for each at once",
    topics: CLIENTS,
    events: 40,
    together: CLIENTS,
    everyMs: 100,
    share: 1,
    timed: false,
  },
  {
    name: "trickle",
    title: "1,000 audiences of one client, events for 10 of them at once, 500 times a second",
    topics: CLIENTS,
    events: 40,
    together: 10,
    everyMs: 2,
    share: 1,
    timed: false,
  },
];

interface Round {
  /** Unit: microseconds of the server process. */
  readonly perDelivery: number;
  /** Unit: microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly faults: number;
}

export const fanOut: Scenario = (options) =>
  withContenders(["warren", "stock"], options, async (contenders) => {
    const figures: Figure[] = [];
    for (const mode of MODES.filter(({ name }) => options.only.length === 0 || options.only.includes(name))) {
      const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
      for (let round = 1; round <= options.rounds; round++) {
        for (const contender of contenders) {
          const result = await once(contender, mode);
          rounds.get(contender)!.push(result);
          options.say(
            `${mode.name} ${round}/${options.rounds} ${contender.name}: ${result.perDelivery.toFixed(2)} µs a delivery, ` +
              `p50 ${micros(result.p50)}, p99 ${micros(result.p99)}, faults ${result.faults}; load ${load()}`,
          );
        }
      }
      figures.push(...figuresOf(mode, contenders, rounds));
    }
    const outcome: Outcome = {
      title: "Fan-out: 1,000 clients, events of 200 bytes",
      figures,
      notes: [
        "CPU is that of the process with the clients' connections: for Warren it includes reading from RabbitMQ, for Socket.IO making the event.",
      ],
    };
    return [outcome];
  });

function figuresOf(mode: Mode, contenders: readonly Contender[], rounds: ReadonlyMap<Contender, Round[]>): Figure[] {
  const line = (of: (round: Round) => number): { values: Record<string, string>; share: number } => {
    const middles = contenders.map((contender) => median(rounds.get(contender)!.map(of)));
    return {
      values: Object.fromEntries(contenders.map(({ name }, index) => [name, micros(middles[index]!)])),
      share: middles[0]! / middles[1]!,
    };
  };
  const cpu = line(({ perDelivery }) => perDelivery);
  const faults = [...rounds.values()].flat().reduce((total, each) => total + each.faults, 0);
  const figures: Figure[] = [
    {
      what: `${mode.title}: CPU per delivery`,
      values: cpu.values,
      measured: ratio(cpu.share),
      goal: `≤ ${ratio(mode.share)} stock`,
      reached: cpu.share <= mode.share && faults === 0,
    },
  ];
  if (!mode.timed) return figures;
  const late = line(({ p99 }) => p99);
  return [
    ...figures,
    { what: `${mode.title}: p50 publish to receipt`, values: line(({ p50 }) => p50).values },
    {
      what: `${mode.title}: p99 publish to receipt`,
      values: late.values,
      measured: ratio(late.share),
      goal: "no worse",
      reached: late.share <= 1,
    },
  ];
}

async function once(contender: Contender, mode: Mode): Promise<Round> {
  const crowd = new Crowd();
  try {
    const target = WARM_UP + mode.events;
    const { dialect, port } = contender;
    await crowd.do("open", { dialect, port, clients: CLIENTS, topics: mode.topics, capacity: target });
    const warmUp = batches({ ...mode, events: WARM_UP }, 1);
    for (const batch of warmUp) await contender.publish(batch);
    await crowd.do("await", { target: WARM_UP, idleMs: IDLE_MS, timeoutMs: TIMEOUT_MS });
    await pause(300);
    await crowd.do("clock", { every: mode.timed ? TIMED_EVERY : 0 });
    const before = cpuMs(contender.serverPids());
    await publish(contender, batches(mode, WARM_UP + 1), mode.everyMs);
    await crowd.do("await", { target, idleMs: IDLE_MS, timeoutMs: TIMEOUT_MS });
    const spentMs = cpuMs(contender.serverPids()) - before;
    const times = await crowd.do("times", undefined);
    const { received, lost, repeated, misordered, strayed } = await crowd.do("tally", { target });
    return {
      perDelivery: (spentMs * 1000) / (received - WARM_UP * CLIENTS),
      p50: percentile(times, 0.5),
      p99: percentile(times, 0.99),
      faults: lost + repeated + misordered + strayed,
    };
  } finally {
    await crowd.close();
    await pause(500);
  }
}

/** Cuts the events of a mode into turns: along the numbers for one topic, along the topics for many. */
function batches({ topics, events, together }: Mode, first: number): Batch[] {
  const cut: Batch[] = [];
  if (topics === 1) {
    for (let from = first; from < first + events; from += together) {
      cut.push({ topics: [0], from, count: Math.min(together, first + events - from) });
    }
    return cut;
  }
  for (let from = first; from < first + events; from++) {
    for (let topic = 0; topic < topics; topic += together) {
      cut.push({ topics: Array.from({ length: together }, (_, index) => topic + index), from, count: 1 });
    }
  }
  return cut;
}

async function publish(contender: Contender, turns: readonly Batch[], everyMs: number): Promise<void> {
  const begun = performance.now();
  const taken: Promise<void>[] = [];
  for (const [index, turn] of turns.entries()) {
    taken.push(contender.publish(turn));
    const due = begun + (index + 1) * everyMs - performance.now();
    // A turn of its own even where nothing is to be waited for: what is published together is one batch.
    if (due > 0 || everyMs === 0) await pause(Math.max(0, due));
  }
  await Promise.all(taken);
}
