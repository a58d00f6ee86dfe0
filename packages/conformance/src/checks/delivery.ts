import { comparePositions, parsePosition, PROTOCOL_VERSION, type Position } from "@warren/events";
import { BOTH, must, mustEqual, show, type Check } from "../check.ts";
import type { Stage } from "../stage.ts";
import type { Visitor } from "../visitor.ts";

/** What a client is told first, and how events come to it. */
export const delivery: readonly Check[] = [
  {
    name: "ready",
    promise: "warren:ready is the first thing sent, with protocol, status, position and topics",
    transports: BOTH,
    essential: true,
    run: isReady,
  },
  {
    name: "order",
    promise: "events come in the log's order, the same to everyone, each at most once",
    transports: BOTH,
    run: keepsOrder,
  },
  {
    name: "previous",
    promise: "every event names the one before it that the client's patterns matched",
    transports: BOTH,
    run: chains,
  },
  {
    name: "meta",
    promise: "meta says id, topic and time, and `replayed` only while catching up",
    transports: BOTH,
    run: describesEvents,
  },
  {
    name: "position",
    promise: "a quiet client is told by warren:position how far the log has come, and may resume from there",
    transports: ["websocket"],
    slow: true,
    run: tellsPosition,
  },
];

async function isReady(stage: Stage): Promise<void> {
  const topics = [stage.topic("*"), stage.topic("a.#")];
  const visitor = stage.knock({ topics });
  await visitor.until(() => visitor.told.length > 0, "warren:ready");
  const [first] = visitor.told;
  mustEqual(first!.name, "warren:ready", "what came first");
  const { protocol, status, position, topics: told } = visitor.ready!;
  mustEqual({ protocol, status }, { protocol: PROTOCOL_VERSION, status: "live" }, "warren:ready");
  must(typeof position === "string" && position !== "", `warren:ready brings ${show(position)} as its position`);
  mustEqual([...told].sort(), [...topics].sort(), "topics of warren:ready");
  const replayed = await stage.connect({ position });
  mustEqual(replayed.ready!.status, "replaying", "status of one who gave a position");
  await stage.say("first");
  await replayed.untilId(`${stage.prefix}-first`);
  mustEqual(replayed.told[0]!.name, "warren:ready", "what came first to one who gave a position");
}

async function keepsOrder(stage: Stage): Promise<void> {
  const clients = await Promise.all([stage.connect(), stage.connect(), stage.connect({}, "websocket")]);
  const said = await Promise.all(Array.from({ length: 100 }, (_, index) => stage.say(String(index))));
  for (const client of clients) {
    await client.until(() => client.events.length >= said.length, `${said.length} events`);
    await client.until(() => said.every((id) => client.ids.includes(id)), "every acked event");
  }
  const last = await stage.say("last");
  for (const client of clients) {
    await client.untilId(last);
    mustEqual(client.ids.length, new Set(client.ids).size, "events, and different events");
    mustEqual(client.ids, clients[0].ids, "the order at two clients");
    mustRise(client);
  }
}

function mustRise(client: Visitor): void {
  const places = client.events.map(({ meta }) => placeOf(meta.position));
  const fallen = places.findIndex((place, index) => index > 0 && comparePositions(places[index - 1]!, place) >= 0);
  must(
    fallen < 0,
    `positions fall from ${show(client.events.slice(fallen - 1, fallen + 1).map(({ meta }) => meta.position))}`,
  );
}

function placeOf(position: string): Position {
  const place = parsePosition(position);
  must(place !== undefined, `${show(position)} is no position`);
  return place;
}

async function chains(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin([stage.topic("a")]);
  await stage.count(1, 2);
  await stage.say("other", 0, { topic: stage.topic("b") });
  const [id] = await stage.count(3, 3);
  await visitor.untilId(id!);
  const live = visitor.events.map(({ meta }) => meta);
  mustEqual(
    live.slice(1).map(({ previous }) => previous),
    live.slice(0, -1).map(({ position }) => position),
    "previous of live events",
  );
  const back = await stage.connect({ topics: [stage.topic("a")], position });
  await back.until(() => back.word("warren:caught-up") !== undefined, "warren:caught-up");
  const [after] = await stage.count(4, 4);
  await back.untilId(after!);
  const replayed = back.events.map(({ meta }) => meta);
  mustEqual(
    replayed.map(({ previous }) => previous),
    [position, ...replayed.slice(0, -1).map(({ position }) => position)],
    "previous after resuming",
  );
}

async function describesEvents(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const id = await stage.say("one", 1);
  await visitor.untilId(id);
  const [live] = visitor.events;
  const { topic, time, replayed } = live!.meta;
  mustEqual({ type: live!.type, topic }, { type: "conformance", topic: stage.topic("a") }, "a live event");
  must(replayed === undefined, `a live event says replayed: ${show(replayed)}`);
  must(Number.isInteger(time), `a live event says time: ${show(time)}`);
  const back = await stage.connect({ position });
  await back.untilId(id);
  mustEqual(back.events[0]!.meta.replayed, true, "meta.replayed of a replayed event");
  const { id: again, topic: where, time: when, position: place } = back.events[0]!.meta;
  mustEqual(
    { id: again, topic: where, time: when, position: place },
    { id, topic, time, position: live!.meta.position },
    "meta of the same event, replayed",
  );
}

/** Unit: milliseconds. The protocol says at most every 10 s; a gateway gets half as much again. */
const QUIET_MS = 15_000;

async function tellsPosition(stage: Stage): Promise<void> {
  const topics = [stage.topic("quiet")];
  const { visitor, position } = await stage.begin(topics);
  await stage.say("elsewhere");
  const told = () => visitor.word("warren:position") as { position: string } | undefined;
  await visitor.until(() => told() !== undefined, "warren:position", QUIET_MS + stage.timeoutMs);
  must(
    comparePositions(placeOf(told()!.position), placeOf(position)) > 0,
    `warren:position says ${told()!.position}, no later than ${position}`,
  );
  const back = await stage.connect({ topics, position: told()!.position });
  const id = await stage.say("quiet", 1, { topic: topics[0]! });
  await back.untilId(id);
  mustEqual({ gaps: back.gaps, ids: back.ids }, { gaps: [], ids: [id] }, "after resuming from warren:position");
}
