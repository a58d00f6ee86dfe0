import { connect } from "node:net";
import { setTimeout as pause } from "node:timers/promises";
import { Crowd } from "../clients/crowd.ts";
import { Warren } from "../contenders/warren.ts";
import { nowMicros } from "../event.ts";
import { load } from "../measure/environment.ts";
import { median } from "../measure/statistics.ts";
import { ms, type Outcome } from "../report/figure.ts";
import type { Scenario } from "./scenario.ts";

const CLIENTS = 10;
const AWAY_MS = 5_000;
const ASK_MS = 10;
const PUBLISH_EVERY_MS = 20;
const TIMEOUT_MS = 60_000;
const GOAL_MS = 1_000;

export const brokerReturn: Scenario = async (options) => {
  const took: number[] = [];
  const warren = await Warren.start({ profileDir: options.profileDir });
  options.version("RabbitMQ", warren.broker.version);
  try {
    for (let round = 1; round <= options.rounds; round++) {
      took.push(await once(warren));
      options.say(`broker-return ${round}/${options.rounds}: ${took.at(-1)!.toFixed(0)} ms; load ${load()}`);
    }
  } finally {
    await warren.close();
  }
  const middle = median(took);
  const outcome: Outcome = {
    title: "From the broker's return, after 5 s away, to the first delivery",
    figures: [
      {
        what: `AMQP answers again → first event published after that is received (${took.map((each) => each.toFixed(0)).join(", ")} ms)`,
        values: { Warren: ms(middle) },
        measured: ms(Math.max(...took)),
        goal: "each under 1 s",
        reached: took.every((each) => each < GOAL_MS),
      },
    ],
    notes: [],
  };
  return [outcome];
};

/** Unit: milliseconds. */
async function once(warren: Warren): Promise<number> {
  const crowd = new Crowd();
  try {
    const { dialect, port } = warren;
    await crowd.do("open", { dialect, port, clients: CLIENTS, topics: 1, capacity: 10_000 });
    await warren.broker.faults.stop();
    await pause(AWAY_MS);
    const started = warren.broker.faults.start();
    await amqpAnswers(new URL(warren.amqpUrl));
    const returned = nowMicros();
    const first = crowd.do("firstMadeAfter", { madeAfter: returned, timeoutMs: TIMEOUT_MS });
    const waiting = new AbortController();
    void first.then(() => waiting.abort());
    const publisher = await warren.freshPublisher();
    for (let number = 1; !waiting.signal.aborted; number++) {
      // The log may take a moment longer than the port: what is refused is followed by the next.
      publisher.publish({ topics: [0], from: number, count: 1 }).catch(() => {});
      await pause(PUBLISH_EVERY_MS);
    }
    await publisher.close();
    await started;
    return ((await first) ?? Number.NaN) / 1000 - returned / 1000;
  } finally {
    await crowd.close();
  }
}

/** Resolves once RabbitMQ begins the AMQP handshake: its first frame is `connection.start`, a method frame. */
async function amqpAnswers({ port }: URL): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  const ask = (): Promise<boolean> =>
    new Promise((resolve) => {
      const socket = connect({ port: Number(port), host: "127.0.0.1" });
      const done = (answer: boolean): void => {
        socket.destroy();
        resolve(answer);
      };
      socket.once("connect", () => socket.write(Buffer.from("AMQP\0\0\x09\x01", "latin1")));
      socket.once("data", (data) => done(data[0] === 1));
      socket.once("error", () => done(false));
      socket.once("close", () => done(false));
    });
  while (!(await ask())) {
    if (performance.now() > deadline) throw new Error("the broker did not come back");
    await pause(ASK_MS);
  }
}
