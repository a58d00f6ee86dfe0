import { setTimeout as pause } from "node:timers/promises";
import { Crowd } from "../clients/crowd.ts";
import type { Contender } from "../contenders/contender.ts";
import { median } from "../measure/statistics.ts";
import { bytes, type Outcome } from "../report/figure.ts";
import { withContenders } from "./lineup.ts";
import type { Scenario } from "./scenario.ts";

const CLIENTS = 5_000;
/** Connected and gone before the first reading, so that code and first structures are not counted as clients. */
const WARM_UP = 200;
const SETTLE_MS = 1_500;
const ALLOWED_MORE = 2_048;

interface Round {
  readonly heap: number;
  readonly resident: number;
}

export const memory: Scenario = (options) =>
  withContenders(["warren", "stock"], options, async (contenders) => {
    const rounds = new Map<Contender, Round[]>(contenders.map((contender) => [contender, []]));
    for (let round = 1; round <= options.rounds; round++) {
      for (const contender of contenders) {
        const result = await once(contender);
        rounds.get(contender)!.push(result);
        options.say(
          `memory ${round}/${options.rounds} ${contender.name}: heap ${bytes(result.heap)}, resident ${bytes(result.resident)} a client`,
        );
      }
    }
    const line = (what: string, of: (round: Round) => number) => {
      const [mine, stock] = contenders.map((contender) => median(rounds.get(contender)!.map(of))) as [number, number];
      return {
        what,
        values: Object.fromEntries([mine, stock].map((value, index) => [contenders[index]!.name, bytes(value)])),
        measured: `${mine >= stock ? "+" : ""}${bytes(mine - stock)}`,
        goal: "≤ stock + 2 kB",
        reached: mine - stock <= ALLOWED_MORE,
      };
    };
    const outcome: Outcome = {
      title: "Memory of one idle, subscribed client, 5,000 of them",
      figures: [
        line("heap and buffers, after garbage collection", ({ heap }) => heap),
        line("resident memory of the process", ({ resident }) => resident),
      ],
      notes: [],
    };
    return [outcome];
  });

async function once(contender: Contender): Promise<Round> {
  await contender.kill();
  await contender.restart();
  const warmUp = new Crowd();
  await connect(warmUp, contender, WARM_UP);
  await warmUp.close();
  await pause(SETTLE_MS);
  const before = await contender.memory();
  const crowd = new Crowd();
  try {
    await connect(crowd, contender, CLIENTS);
    await pause(SETTLE_MS);
    const after = await contender.memory();
    return {
      heap: (after.heap + after.external - before.heap - before.external) / CLIENTS,
      resident: (after.resident - before.resident) / CLIENTS,
    };
  } finally {
    await crowd.close();
  }
}

async function connect(crowd: Crowd, { dialect, port }: Contender, clients: number): Promise<void> {
  await crowd.do("open", { dialect, port, clients, topics: 1, capacity: 1 });
}
