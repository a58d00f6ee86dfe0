import type { Publisher } from "@warren/amqp";
import type { Vhost } from "@warren/broker";
import type { Random } from "../random.ts";
import type { Publications } from "./publication.ts";
import { LoadPublisher } from "./publisher.ts";
import type { LogName } from "./scenery.ts";
import { amqpWayIn, foreignWayIn, sdkWayIn, socketWayIn, type WayIn } from "./ways-in.ts";

export interface LoadOptions {
  readonly random: Random;
  /** Unit: events per second, all publishers and both logs together. */
  readonly rate: number;
  readonly publications: Publications;
  readonly addresses: readonly string[];
  readonly publisher: Publisher;
  readonly vhost: Vhost;
}

/** Unit: events per second. Each goes through the broker's management API, which is slow. */
const FOREIGN_RATE = 1;

/** All the publishers of a campaign, and how much each of them does. */
export class Load {
  /** By which those that come over the network are known to it. */
  readonly names: readonly string[];
  readonly volume: { readonly main: LoadPublisher; readonly brief: LoadPublisher };
  readonly #publications: Publications;
  readonly #waysIn: readonly WayIn[];
  readonly #steady: readonly LoadPublisher[];
  #foreignUnknown = 0;

  constructor({ random, rate, publications, addresses, publisher, vhost }: LoadOptions) {
    this.#publications = publications;
    const amqp = amqpWayIn(publisher);
    const overNetwork: { way: WayIn; name: string; log: LogName; share: number }[] = [];
    for (let index = 0; index < 4; index++) {
      const name = `p-socket-${index}`;
      overNetwork.push({ way: socketWayIn(name, addresses, "main", index), name, log: "main", share: 0.1 });
    }
    for (const [index, address] of addresses.entries()) {
      const name = `p-sdk-${index}`;
      overNetwork.push({ way: sdkWayIn(name, address, "main"), name, log: "main", share: 0.05 });
    }
    const name = "p-brief";
    overNetwork.push({ way: socketWayIn(name, addresses, "brief", 1), name, log: "brief", share: 0.1 });
    const make = (way: WayIn, log: LogName, eventsPerSecond: number, name: string, insists = true) =>
      new LoadPublisher({
        log,
        rate: eventsPerSecond,
        random: random.fork(name),
        publications,
        send: way.send,
        insists,
      });
    const foreign = foreignWayIn(vhost);
    this.names = overNetwork.map(({ name }) => name);
    this.#waysIn = [...overNetwork.map(({ way }) => way), amqp];
    this.volume = { main: make(amqp, "main", 0, "volume main"), brief: make(amqp, "brief", 0, "volume brief") };
    this.#steady = [
      ...overNetwork.map(({ way, name, log, share }) => make(way, log, rate * share, name)),
      make(amqp, "main", rate * 0.2, "amqp main"),
      make(amqp, "brief", rate * 0.2, "amqp brief"),
      make(
        { ...foreign, send: async (...args) => this.#count(await foreign.send(...args).catch(() => false)) },
        "main",
        FOREIGN_RATE,
        "foreign",
        false,
      ),
    ];
  }

  /** Never acked, though its publisher insisted. */
  get unacked(): number {
    return this.#publications.unknown - this.#foreignUnknown;
  }

  start(): void {
    for (const publisher of this.#steady) publisher.start();
  }

  /** Publishes nothing new; resolves when all is acked, or given up after so long. */
  async stop(timeoutMs: number): Promise<void> {
    const all = [...this.#steady, this.volume.main, this.volume.brief];
    await Promise.all(all.map((publisher) => publisher.stop(timeoutMs)));
  }

  async close(): Promise<void> {
    await this.stop(0);
    await Promise.all(this.#waysIn.map((way) => way.close()));
  }

  #count(acked: boolean): boolean {
    if (!acked) this.#foreignUnknown++;
    return acked;
  }
}
