import { PlainClient } from "../clients/plain.ts";
import type { CampaignClient } from "../clients/client.ts";
import { BULK_TOPIC } from "../load/scenery.ts";
import type { Act, FaultKind } from "./fault.ts";

const cut: FaultKind = {
  name: "client cut",
  weight: 8,
  async run({ take, random }) {
    const clients = take(random.integer(1, 12));
    for (const client of clients) client.cut();
    return clients;
  },
};

const cutTwice: FaultKind = {
  name: "client cut twice",
  weight: 6,
  async run({ take, random, wait }) {
    const clients = take(random.integer(1, 10));
    for (const client of clients) client.cut();
    for (let times = random.integer(1, 3); times > 0; times--) {
      await wait(0, 400);
      for (const client of clients) client.cut();
    }
    return clients;
  },
};

const move: FaultKind = {
  name: "client moved",
  weight: 6,
  async run({ take, random, wait, stage }) {
    const clients = take(random.integer(1, 10));
    for (const client of clients) await client.move((client.gateway + 1) % stage.gateways.length);
    if (random.chance(0.3)) {
      await wait(0, 300);
      for (const client of clients) await client.move((client.gateway + 1) % stage.gateways.length);
    }
    return clients;
  },
};

const away: FaultKind = {
  name: "client away",
  weight: 5,
  async run({ take, random, wait }) {
    const clients = take(random.integer(1, 8));
    for (const client of clients) client.leave();
    await wait(5_000, 60_000);
    for (const client of clients) client.comeBack();
    return clients;
  },
};

/** Unit: events, of 16 KiB: enough to fill what the kernel holds for a socket that is not read. */
const BULK_EVENTS = 500;
const BULK_BYTES = 16_384;
const BULK_LANES = 20;

const stopReading: FaultKind = {
  name: "client stops reading",
  weight: 4,
  needs: "volume",
  async run({ take, random, wait, stage, note }) {
    const clients = take(random.integer(2, 5), (client) => isForBulk(client));
    const resume = clients.map((client) => {
      const own = client instanceof PlainClient && random.chance(0.5) ? client.stopReading() : undefined;
      return own ?? stage.networks[client.gateway]!.stopReading(client.name);
    });
    try {
      let left = BULK_EVENTS;
      const lane = async () => {
        while (left-- > 0) await stage.volume.main.publish(BULK_TOPIC, BULK_BYTES);
      };
      await Promise.race([Promise.all(Array.from({ length: BULK_LANES }, lane)), wait(8_000, 20_000)]);
      note(`${BULK_EVENTS - Math.max(left, 0)} large events`);
      left = 0;
      await wait(500, 5_000);
    } finally {
      for (const each of resume) each();
    }
    return clients;
  },
};

function isForBulk({ plan }: CampaignClient): boolean {
  return plan.log === "main" && plan.patterns.some((pattern) => pattern === "#" || pattern === "bulk.#");
}

/** Applies a fault of the network to some clients, and to some publishers, for a while. */
function onNetwork(
  name: string,
  weight: number,
  waits: readonly [leastMs: number, mostMs: number] | undefined,
  apply: (act: Act, network: Act["stage"]["networks"][number], client: string) => (() => void) | undefined,
): FaultKind {
  return {
    name,
    weight,
    async run(act) {
      const { stage, random, take, wait } = act;
      const clients = take(random.integer(1, 10));
      for (const client of clients) client.history.note(name);
      const undo = clients.map((client) => apply(act, stage.networks[client.gateway]!, client.name));
      for (const publisher of random.sample(stage.publisherNames, random.integer(0, 2)))
        for (const network of stage.networks) undo.push(apply(act, network, publisher));
      try {
        if (waits !== undefined) await wait(...waits);
      } finally {
        for (const each of undo) each?.();
      }
      return clients;
    },
  };
}

const reset = onNetwork("network resets", 8, undefined, (_act, network, client) => {
  network.reset(client);
  return undefined;
});

const halfOpen = onNetwork("network half-open", 6, [2_000, 15_000], (_act, network, client) =>
  network.halfOpen(client),
);

const swallow = onNetwork("network swallows", 6, [1_000, 12_000], ({ random }, network, client) => {
  const letThrough = network.swallow(client);
  const thenResets = random.chance(0.5);
  return () => {
    if (thenResets) network.reset(client);
    else letThrough();
  };
});

const delay = onNetwork("network delays", 5, [2_000, 15_000], ({ random }, network, client) => {
  network.delay(client, random.integer(50, 1_500));
  return () => network.delay(client, 0);
});

export const ON_CLIENTS: readonly FaultKind[] = [
  cut,
  cutTwice,
  move,
  away,
  stopReading,
  reset,
  halfOpen,
  swallow,
  delay,
];
