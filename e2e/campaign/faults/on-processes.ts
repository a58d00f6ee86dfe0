import { FILLER_TOPIC, LOGS } from "../load/scenery.ts";
import type { FaultKind, Stage } from "./fault.ts";

/** Faults of one gateway, for each of the two. */
function onGateway(index: 0 | 1): FaultKind[] {
  const needs = `gateway ${index}` as const;
  const its = ({ clients }: Stage) => clients.filter(({ gateway }) => gateway === index);
  const down = (how: "kill" | "drain"): FaultKind["run"] => {
    return async ({ stage, wait, random }) => {
      const gateway = stage.gateways[index]!;
      const clients = its(stage);
      for (const client of clients) client.history.note(`its gateway: ${how}`);
      await gateway[how]();
      try {
        if (random.chance(0.6)) await wait(0, 5_000);
      } finally {
        gateway.start();
      }
      return clients;
    };
  };
  return [
    { name: "gateway killed", weight: 3, needs, run: down("kill") },
    { name: "gateway drained", weight: 1.5, needs, run: down("drain") },
    {
      name: "gateway frozen",
      weight: 3,
      needs,
      async run({ stage, wait }) {
        const clients = its(stage);
        for (const client of clients) client.history.note("its gateway: frozen");
        stage.gateways[index]!.freeze();
        try {
          await wait(500, 12_000);
        } finally {
          stage.gateways[index]!.thaw();
        }
        return clients;
      },
    },
  ];
}

const stopped: FaultKind = {
  name: "broker stopped",
  weight: 2.5,
  needs: "broker",
  async run({ stage, wait, random, note }) {
    const abrupt = random.chance(0.4);
    if (abrupt) note("with SIGKILL");
    await stage.broker.faults.stop({ abrupt });
    try {
      await wait(0, 6_000);
    } finally {
      await stage.broker.faults.start();
    }
    return stage.clients;
  },
};

const frozen: FaultKind = {
  name: "broker frozen",
  weight: 3.5,
  needs: "broker",
  async run({ stage, wait }) {
    await stage.broker.faults.freeze();
    try {
      await wait(500, 15_000);
    } finally {
      await stage.broker.faults.thaw();
    }
    return stage.clients;
  },
};

const closed: FaultKind = {
  name: "broker closes connections",
  weight: 4,
  needs: "broker",
  async run({ stage, random, note }) {
    // All of them, or only one kind of the gateways': what stays open must not suffer.
    const name = random.pick([undefined, undefined, /gateway publish/, /gateway tail/, /gateway replay/]);
    const closed = await stage.vhost.closeConnections(name === undefined ? {} : { name });
    note(`${closed} of ${name === undefined ? "all" : `those named ${name}`}`);
    return stage.clients;
  },
};

const blocked: FaultKind = {
  name: "broker blocked",
  weight: 3,
  needs: "broker",
  async run({ stage, wait }) {
    await stage.broker.faults.raiseMemoryAlarm();
    try {
      await wait(1_000, 8_000);
    } finally {
      await stage.broker.faults.clearMemoryAlarm();
    }
    return stage.clients;
  },
};

/** Unit: events, of 2 KiB: several times what the brief log keeps. */
const FILLER_EVENTS = 500;
const FILLER_BYTES = 2_048;
const FILLER_LANES = 10;

const truncated: FaultKind = {
  name: "retention passes clients",
  weight: 4,
  needs: "volume",
  async run({ stage, take, random, wait }) {
    const clients = take(random.integer(2, 6), ({ plan }) => plan.log === "brief");
    for (const client of clients) client.leave();
    let left = FILLER_EVENTS;
    const lane = async () => {
      while (left-- > 0) await stage.volume.brief.publish(FILLER_TOPIC, FILLER_BYTES);
    };
    const filled = Promise.all(Array.from({ length: FILLER_LANES }, lane));
    try {
      // Some come back while it goes on, so that retention passes their replays too.
      if (random.chance(0.5)) await Promise.race([filled, wait(10_000, 20_000)]);
      else await wait(500, 1_500);
    } finally {
      for (const client of clients) client.comeBack();
    }
    await Promise.race([filled, wait(10_000, 20_000)]);
    left = 0;
    return clients;
  },
};

const deleted: FaultKind = {
  name: "log deleted",
  weight: 0.7,
  needs: "broker",
  async run({ stage }) {
    await stage.briefAuditor.through(() => stage.vhost.deleteQueue(`${LOGS.brief.exchange}.log`));
    return stage.clients.filter(({ plan }) => plan.log === "brief");
  },
};

export const ON_PROCESSES: readonly FaultKind[] = [
  ...onGateway(0),
  ...onGateway(1),
  stopped,
  frozen,
  closed,
  blocked,
  truncated,
  deleted,
];
