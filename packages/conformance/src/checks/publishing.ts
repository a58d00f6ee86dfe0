import { BOTH, must, mustEqual, show, type Check } from "../check.ts";
import { TYPE, type Stage } from "../stage.ts";

/** What an ack means, and what a retry does. */
export const publishing: readonly Check[] = [
  {
    name: "ack",
    promise: "what is acked with ok reaches every subscriber, over WebSocket and long-polling",
    transports: BOTH,
    run: acksWhatArrives,
  },
  {
    name: "emit",
    promise: "options may be an id, an object or nothing; an event without a topic has its type as its topic",
    transports: BOTH,
    run: takesOptions,
  },
  {
    name: "id-once-live",
    promise: "an event published twice with one id is acked twice and delivered once",
    transports: BOTH,
    run: deliversOnce,
  },
  {
    name: "id-once-replay",
    promise: "an event published twice with one id is replayed once",
    transports: BOTH,
    run: replaysOnce,
  },
  {
    name: "no-echo",
    promise: "a publish that is answered with an error is delivered to nobody, its publisher included",
    transports: BOTH,
    run: echoesNothing,
  },
];

async function acksWhatArrives(stage: Stage): Promise<void> {
  const clients = await Promise.all([stage.connect(), stage.connect({}, "websocket"), stage.connect({}, "polling")]);
  const [publisher] = clients;
  const acked: string[] = [];
  for (let number = 1; number <= 10; number++) {
    const id = `${stage.prefix}-${number}`;
    const answer = await publisher.ask(TYPE, number, { id, topic: stage.topic("a") });
    mustEqual(answer, { ok: true, id }, "the ack");
    acked.push(id);
  }
  for (const client of clients) {
    await client.untilId(acked.at(-1)!);
    const arrived = new Set(client.ids);
    mustEqual(
      acked.filter((id) => !arrived.has(id)),
      [],
      "acked, and not delivered",
    );
  }
}

async function takesOptions(stage: Stage): Promise<void> {
  const type = stage.topic("typed");
  const visitor = await stage.connect();
  const id = `${stage.prefix}-id`;
  mustEqual(await stage.emit(type, 1, id), { ok: true, id }, "the ack of an emit with an id");
  const answer = await stage.emit(type, 2);
  const given = (answer as { id?: unknown }).id;
  must(typeof given === "string" && given !== "", `an emit without an id was acked with ${show(answer)}`);
  const silent = await stage.connect({ topics: [] });
  silent.socket.emit(type, 3, { id: `${stage.prefix}-silent` });
  await visitor.untilId(`${stage.prefix}-silent`);
  const got = visitor.events.map(({ type, data, meta }) => ({ type, data, topic: meta.topic, id: meta.id }));
  mustEqual(
    got.sort((one, other) => Number(one.data) - Number(other.data)),
    [id, given, `${stage.prefix}-silent`].map((id, index) => ({ type, data: index + 1, topic: type, id })),
    "events emitted without a topic",
  );
}

async function deliversOnce(stage: Stage): Promise<void> {
  const visitor = await stage.connect();
  const ids = [await stage.say("twice"), await stage.say("twice"), await stage.say("once")];
  await visitor.untilId(ids[2]!);
  mustEqual(visitor.ids, [ids[0], ids[2]], "delivered");
}

async function replaysOnce(stage: Stage): Promise<void> {
  const { position } = await stage.begin();
  const ids = [await stage.say("twice"), await stage.say("twice"), await stage.say("once")];
  const back = await stage.connect({ position });
  await back.untilId(ids[2]!);
  mustEqual(back.ids, [ids[0], ids[2]], "replayed");
}

async function echoesNothing(stage: Stage): Promise<void> {
  const publisher = await stage.connect();
  const other = await stage.connect();
  const topic = stage.topic("a");
  for (const options of [
    { id: `${stage.prefix}-headers`, topic, headers: { "x-forbidden": 1 } },
    { id: `${stage.prefix}-stray`, topic, stray: true },
  ]) {
    const answer = await publisher.ask(TYPE, "refused", options);
    mustEqual((answer as { ok?: unknown }).ok, false, `ok in the ack of ${show(options)}`);
  }
  const id = await stage.say("sentinel");
  for (const client of [publisher, other]) {
    await client.untilId(id);
    mustEqual(client.ids, [id], "delivered");
  }
}
