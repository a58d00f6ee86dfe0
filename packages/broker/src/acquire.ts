import type { Broker, BrokerKind } from "./broker.ts";
import { loadConfig } from "./config.ts";
import { climb } from "./ladder.ts";
import { aptRung } from "./rungs/apt.ts";
import { containerRung } from "./rungs/container.ts";
import { nodeRung } from "./rungs/node.ts";
import { urlRung } from "./rungs/url.ts";

export interface AcquireOptions {
  /** @default process.env */
  env?: Record<string, string | undefined>;
  /** Keeps what is in the broker in this folder between runs; one process at a time may use it. Without it, all is thrown away. */
  dataDir?: string;
  /** Is told which way is taken and what is being done. @default says nothing */
  say?: (line: string) => void;
  /** Gives up, and ends what had begun. */
  signal?: AbortSignal;
}

/**
 * Has a broker, by the first way that is open: `AMQP_URL`; a Docker engine; an installed rabbitmq-server; installing it with
 * apt-get. `WARREN_BROKER=url|container|node` restricts it to one (`node` includes installing).
 *
 * @throws BrokerError `BROKER_NONE` when no way is open; `BROKER_START_FAILED`, `BROKER_IN_USE` or `BROKER_UNREACHABLE` when the
 *   way taken led nowhere
 */
export async function acquireBroker(options: AcquireOptions = {}): Promise<Broker> {
  const env = options.env ?? process.env;
  const config = loadConfig(env);
  const { dataDir, signal, say = () => {} } = options;
  const start = { dataDir, say, signal };
  const rungs = [
    urlRung(config.amqpUrl, config.managementUrl, signal),
    containerRung(env, { ...start, image: config.image }),
    nodeRung(env, start),
    aptRung(env, start),
  ];
  const only: BrokerKind | undefined = config.only;
  return climb(rungs, only, say);
}
