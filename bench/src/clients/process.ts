import { nowMicros } from "../event.ts";
import { BenchClient } from "./client.ts";
import type { Arrival, OpenOrder, Orders } from "./orders.ts";
import type { Tally } from "./tally.ts";

const DIALS_AT_ONCE = 50;
const LOOK_MS = 5;

let clients: BenchClient[] = [];
let readyCount = 0;
let onReady: (() => void) | undefined;
let begunAt = nowMicros();
let newestAt = nowMicros();
let clockEvery = 0;
let clockCount = 0;
let times: number[] = [];
let awaited: { madeAfter: number; resolve: (at: number) => void } | undefined;

const listener = {
  ready(): void {
    readyCount++;
    onReady?.();
  },
  event(_client: BenchClient, madeAt: () => number): void {
    eventful = true;
    if (clockEvery > 0 && ++clockCount % clockEvery === 0) times.push(nowMicros() - madeAt());
    if (awaited !== undefined && madeAt() > awaited.madeAfter) {
      awaited.resolve(nowMicros());
      awaited = undefined;
    }
  },
};
let eventful = false;

async function open({ dialect, port, clients: count, topics, capacity }: OpenOrder): Promise<void> {
  clients = Array.from(
    { length: count },
    (_, index) => new BenchClient({ dialect, port, topic: index % topics, capacity }, listener),
  );
  readyCount = 0;
  let dialled = 0;
  await new Promise<void>((resolve) => {
    onReady = () => {
      while (dialled < count && dialled - readyCount < DIALS_AT_ONCE) clients[dialled++]!.dial();
      if (readyCount >= count) resolve();
    };
    onReady();
  });
  onReady = undefined;
}

/** Looks often, and only then counts: a check in every delivery would be paid for by what is measured. */
async function arrival({ target, idleMs, timeoutMs }: Orders["await"]["ask"]): Promise<Arrival> {
  const asked = nowMicros();
  newestAt = Math.max(newestAt, begunAt);
  let waiting = clients;
  for (;;) {
    if (eventful) newestAt = nowMicros();
    eventful = false;
    waiting = waiting.filter(({ received }) => received.unique < target);
    const complete = waiting.length === 0;
    const now = nowMicros();
    const idle = now - Math.max(newestAt, asked) > idleMs * 1000;
    if (complete || idle || now - asked > timeoutMs * 1000) {
      return { complete, wallMs: ((complete ? now : newestAt) - begunAt) / 1000 };
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
  }
}

function tally(target: number): Tally {
  const sum = (part: (client: BenchClient) => number): number => clients.reduce((total, each) => total + part(each), 0);
  return {
    expected: target * clients.length,
    received: sum(({ received }) => received.unique),
    lost: sum(({ received }) => received.missing(target)),
    repeated: sum(({ received }) => received.repeated),
    misordered: sum(({ received }) => received.misordered),
    strayed: sum(({ received }) => received.strayed),
    unrecovered: sum(({ unrecovered }) => unrecovered),
  };
}

type Doers = {
  [Name in keyof Orders]: (ask: Orders[Name]["ask"]) => Orders[Name]["answer"] | Promise<Orders[Name]["answer"]>;
};

const doers: Doers = {
  open,
  cut: () => clients.forEach((client) => client.cut()),
  stayAway: () => clients.forEach((client) => client.stayAway()),
  back() {
    begunAt = nowMicros();
    clients.forEach((client) => client.dial());
  },
  pause: () => clients.forEach((client) => client.pause()),
  resume() {
    begunAt = nowMicros();
    clients.forEach((client) => client.resume());
  },
  await: arrival,
  tally: ({ target }) => tally(target),
  clock({ every }) {
    clockEvery = every;
    times = [];
  },
  times: () => Float64Array.from(times).sort(),
  firstMadeAfter: ({ madeAfter, timeoutMs }) =>
    new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs, undefined);
      awaited = {
        madeAfter,
        resolve(at) {
          clearTimeout(timer);
          resolve(at);
        },
      };
    }),
};

process.on("message", (order: { id: number; name: keyof Orders; ask: unknown }) => {
  void Promise.resolve((doers[order.name] as (ask: unknown) => unknown)(order.ask)).then((answer) =>
    process.send!({ id: order.id, answer }),
  );
});
