import type { SubscribeAck } from "@warren/events";
import { BOTH, must, mustEqual, show, type Check } from "../check.ts";
import type { Stage } from "../stage.ts";

/** Patterns that change while a client is connected. */
export const subscriptions: readonly Check[] = [
  {
    name: "subscribe",
    promise: "warren:subscribe adds patterns from now on, and its ack says where the client stands",
    transports: BOTH,
    run: subscribes,
  },
  {
    name: "subscribe-position",
    promise: "warren:subscribe with a position first brings the past of the new patterns, and nothing twice",
    transports: BOTH,
    run: subscribesToThePast,
  },
  {
    name: "unsubscribe",
    promise: "warren:unsubscribe ends the delivery of what only those patterns match",
    transports: BOTH,
    run: unsubscribes,
  },
];

async function subscribes(stage: Stage): Promise<void> {
  const visitor = await stage.connect({ topics: [stage.topic("a")] });
  const added = stage.topic("b");
  await stage.say("too-early", 0, { topic: added });
  // What this gateway has not seen yet is not yet past to it.
  const seen = await stage.say("seen");
  await visitor.untilId(seen);
  const answer = (await visitor.ask("warren:subscribe", { topics: [added] })) as SubscribeAck;
  must(answer.ok && typeof answer.position === "string", `warren:subscribe was acked with ${show(answer)}`);
  const ids = [seen, await stage.say("a"), await stage.say("b", 0, { topic: added }), await stage.say("last")];
  await visitor.untilId(ids[3]!);
  mustEqual(visitor.ids, ids, "delivered");
}

async function subscribesToThePast(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin([stage.topic("a")]);
  const added = stage.topic("b");
  const ids = [
    await stage.say("1"),
    await stage.say("2", 0, { topic: added }),
    await stage.say("3"),
    await stage.say("4", 0, { topic: added }),
    await stage.say("5"),
  ];
  await visitor.untilId(ids[4]!);
  const answer = (await visitor.ask("warren:subscribe", {
    topics: [added, stage.topic("a")],
    position,
  })) as SubscribeAck;
  must(answer.ok, `warren:subscribe was acked with ${show(answer)}`);
  mustEqual(visitor.ids, [ids[0], ids[2], ids[4], ids[1], ids[3]], "delivered by the time of the ack");
  const live = [await stage.say("6", 0, { topic: added }), await stage.say("7")];
  await visitor.untilId(live[1]!);
  mustEqual(visitor.ids.slice(5), live, "delivered afterwards");
}

async function unsubscribes(stage: Stage): Promise<void> {
  const topics = [stage.topic("a"), stage.topic("b")];
  const visitor = await stage.connect({ topics });
  const before = await stage.say("before", 0, { topic: topics[1]! });
  await visitor.untilId(before);
  mustEqual(await visitor.ask("warren:unsubscribe", { topics: [topics[1]] }), { ok: true }, "the ack");
  await stage.say("unwanted", 0, { topic: topics[1]! });
  const last = await stage.say("last");
  await visitor.untilId(last);
  mustEqual(visitor.ids, [before, last], "delivered");
}
