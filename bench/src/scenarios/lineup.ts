import { NotHere, type Contender } from "../contenders/contender.ts";
import { Nchan } from "../contenders/nchan.ts";
import { SocketIo } from "../contenders/socket-io.ts";
import { Warren, type WarrenOptions } from "../contenders/warren.ts";
import type { ScenarioOptions } from "./scenario.ts";

export type ContenderName = "warren" | "stock" | "recovery" | "redis-streams" | "nchan";

/** Starts contenders one after the other, does the work with them, and ends them all. Who cannot be had is said and left out. */
export async function withContenders<Result>(
  names: readonly ContenderName[],
  options: ScenarioOptions & { warren?: WarrenOptions },
  work: (contenders: readonly Contender[]) => Promise<Result>,
): Promise<Result> {
  const contenders: Contender[] = [];
  try {
    for (const name of names) {
      try {
        contenders.push(await start(name, options));
      } catch (error) {
        if (!(error instanceof NotHere)) throw error;
        options.say(`left out: ${error.message}`);
      }
    }
    return await work(contenders);
  } finally {
    for (const contender of contenders.toReversed()) await contender.close();
  }
}

async function start(
  name: ContenderName,
  { warren = {}, profileDir, version }: ScenarioOptions & { warren?: WarrenOptions },
): Promise<Contender> {
  if (name === "warren") {
    const started = await Warren.start({ ...warren, profileDir });
    version("RabbitMQ", started.broker.version);
    return started;
  }
  if (name === "nchan") {
    const started = await Nchan.start();
    version("nginx with nchan", started.version);
    return started;
  }
  const started = await SocketIo.start(name);
  if (started.redis !== undefined) version("Redis", started.redis.version);
  return started;
}
