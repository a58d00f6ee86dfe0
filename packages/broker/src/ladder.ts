import type { Broker, BrokerKind } from "./broker.ts";
import { BrokerError } from "./errors.ts";

/** One way to have a broker. */
export interface Rung {
  kind: BrokerKind;
  /**
   * Whether this way is open: `undefined` when it is not, else what is going to be done, for people, and the doing of it.
   * A way that is open and then fails is an error: quietly taking the next would test against something else than was meant.
   */
  probe(): Promise<{ doing: string; acquire(): Promise<Broker> } | undefined>;
}

const NO_BROKER =
  "No RabbitMQ could be had: set AMQP_URL to one that runs, or start a Docker engine, or install rabbitmq-server " +
  "(apt-get install rabbitmq-server, brew install rabbitmq), or run as root on Debian or Ubuntu, where it is installed for you.";

/**
 * Takes the first rung that is open.
 *
 * @param only restricts the ladder to rungs of this kind
 * @throws BrokerError `BROKER_NONE`
 */
export async function climb(
  rungs: readonly Rung[],
  only: BrokerKind | undefined,
  say: (line: string) => void,
): Promise<Broker> {
  for (const rung of rungs) {
    if (only !== undefined && rung.kind !== only) continue;
    const open = await rung.probe();
    if (open === undefined) continue;
    say(open.doing);
    const broker = await open.acquire();
    say(`using ${broker.description}`);
    return broker;
  }
  const restricted = only === undefined ? "" : ` (WARREN_BROKER=${only} allows only that one way.)`;
  throw new BrokerError("BROKER_NONE", NO_BROKER + restricted);
}
