import { setTimeout as pause } from "node:timers/promises";
import type { Arrival } from "../clients/orders.ts";
import { Crowd } from "../clients/crowd.ts";
import type { Tally } from "../clients/tally.ts";
import { Warren } from "../contenders/warren.ts";
import { load } from "../measure/environment.ts";
import { residentBytes } from "../measure/processes.ts";
import { median } from "../measure/statistics.ts";
import { bytes, ms, type Outcome } from "../report/figure.ts";
import type { Scenario } from "./scenario.ts";

const CLIENTS = 200;
const EVENT_BYTES = 10_000;
const TOTAL_BYTES = 500_000_000;
/** Each client is for one of them, so that what all together read again stays within what one machine can move. */
const TOPICS = 20;
const TOGETHER = 2;
const EVENTS = TOTAL_BYTES / EVENT_BYTES / TOPICS;
const SAMPLE_MS = 100;
const CATCH_UP_MS = 180_000;
const IDLE_MS = 20_000;
/** What may come and go with garbage, while the last third passes. */
const FLAT_BYTES = 32 * 1024 ** 2;

export const slowClients: Scenario = async (options) => {
  const warren = await Warren.start({ profileDir: options.profileDir });
  options.version("RabbitMQ", warren.broker.version);
  const crowd = new Crowd();
  try {
    const { dialect, port } = warren;
    await crowd.do("open", { dialect, port, clients: CLIENTS, topics: TOPICS, capacity: EVENTS });
    await crowd.do("pause", undefined);
    const resident = await passing(warren);
    const held = await warren.memory();
    options.say(
      `500 MB have passed; resident ${deciles(resident)}; after garbage collection ${bytes(held.resident)}, heap ${bytes(held.heap)}, buffers ${bytes(held.external)}; load ${load()}`,
    );
    await crowd.do("resume", undefined);
    const arrival = await crowd.do("await", { target: EVENTS, idleMs: IDLE_MS, timeoutMs: CATCH_UP_MS });
    const tally = await crowd.do("tally", { target: EVENTS });
    options.say(`read again: ${JSON.stringify({ ...arrival, ...tally })}; load ${load()}`);
    return [outcomeOf(resident, arrival, tally)];
  } finally {
    await crowd.close();
    await warren.close();
  }
};

/** Publishes all of it. Resolves with the gateway's resident memory over the time. */
async function passing(warren: Warren): Promise<number[]> {
  const samples: number[] = [];
  const [pid] = warren.serverPids();
  const timer = setInterval(() => samples.push(residentBytes(pid!)), SAMPLE_MS);
  const topics = Array.from({ length: TOPICS }, (_, topic) => topic);
  for (let from = 1; from <= EVENTS; from += TOGETHER) {
    await warren.publish({ topics, from, count: Math.min(TOGETHER, EVENTS - from + 1), bytes: EVENT_BYTES });
  }
  await pause(SAMPLE_MS * 10);
  clearInterval(timer);
  return samples;
}

/** The value at each tenth of the way. */
function deciles(samples: readonly number[]): string {
  return Array.from({ length: 11 }, (_, tenth) => samples[Math.round(((samples.length - 1) * tenth) / 10)]!)
    .map(bytes)
    .join(", ");
}

function outcomeOf(resident: readonly number[], arrival: Arrival, tally: Tally): Outcome {
  const tenth = Math.max(1, Math.floor(resident.length / 10));
  const last = Math.floor((resident.length * 2) / 3);
  const growth = median(resident.slice(-tenth)) - median(resident.slice(last, last + tenth));
  const seconds = ((resident.length - last) * SAMPLE_MS) / 1000;
  const faults = tally.repeated + tally.misordered + tally.strayed;
  return {
    title: "200 clients stop reading while 500 MB of events pass",
    figures: [
      { what: "resident memory of the gateway, least", values: { Warren: bytes(Math.min(...resident)) } },
      { what: "most", values: { Warren: bytes(Math.max(...resident)) } },
      {
        what: "growth over the last third",
        values: { Warren: bytes(growth) },
        measured: `${bytes(growth / seconds)}/s`,
        goal: `flat: within ${bytes(FLAT_BYTES)}`,
        reached: growth <= FLAT_BYTES,
      },
      {
        what: `they read again: ${tally.received} of ${tally.expected} events received in`,
        values: { Warren: arrival.complete ? ms(arrival.wallMs) : "never" },
        measured: `lost ${tally.lost}, announced gaps ${tally.unrecovered}`,
        goal: "all of it, or announced",
        reached: (arrival.complete || tally.unrecovered >= CLIENTS) && faults === 0,
      },
      {
        what: "repeated / misordered",
        values: { Warren: `${tally.repeated} / ${tally.misordered}` },
        goal: "none",
        reached: faults === 0,
      },
    ],
    notes: [`Resident memory at each tenth of the way: ${deciles(resident)}.`],
  };
}
