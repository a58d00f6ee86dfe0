import type { HandshakeAuth, PositionString } from "@warren/events";
import { parsePosition } from "@warren/events";
import { BOTH, must, mustEqual, WEBSOCKET, type Check } from "../check.ts";
import type { Stage } from "../stage.ts";
import type { Received, Visitor } from "../visitor.ts";

/** What a client gets that was away. */
export const resuming: readonly Check[] = [
  {
    name: "resume",
    promise: "a client that resumes after any event gets exactly what followed it",
    transports: BOTH,
    run: resumesExactly,
  },
  {
    name: "resume-forms",
    promise: "a position may be given as received, as a whole meta, or as serverOffset, and an offset as a number",
    transports: WEBSOCKET,
    run: readsEveryForm,
  },
  {
    name: "resume-before-first-event",
    promise: "a client that never received an event resumes from the position of warren:ready",
    transports: BOTH,
    run: resumesFromReady,
  },
  {
    name: "resume-from-beginning",
    promise: "from the beginning means all that the log has, and is never a gap of reason retention or reset",
    transports: WEBSOCKET,
    run: beginsAtBeginning,
  },
  {
    name: "caught-up",
    promise: "warren:caught-up comes after what was missed and before what is live, once, with a position",
    transports: BOTH,
    run: saysCaughtUp,
  },
  {
    name: "seam",
    promise: "what is published while a client is replayed reaches it once, in order",
    transports: BOTH,
    run: sealsTheSeam,
  },
  {
    name: "cut",
    promise: "a connection that is cut twice in quick succession costs nothing",
    transports: BOTH,
    run: survivesCuts,
  },
];

/** Publishes events to a client that is there, and resolves with them as it got them. */
async function witness(stage: Stage, count: number): Promise<readonly Received[]> {
  const visitor = await stage.connect();
  const ids = await stage.count(1, count);
  await visitor.untilId(ids.at(-1)!);
  mustEqual(visitor.ids, ids, "delivered live");
  return visitor.events;
}

async function mustGet(client: Visitor, ids: readonly (string | undefined)[], after: string): Promise<void> {
  await client.until(() => client.word("warren:caught-up") !== undefined, `warren:caught-up after ${after}`);
  const last = ids.at(-1);
  if (last !== undefined) await client.untilId(last);
  mustEqual({ ids: client.ids, gaps: client.gaps }, { ids, gaps: [] }, `replayed after ${after}`);
}

async function resumesExactly(stage: Stage): Promise<void> {
  const events = await witness(stage, 8);
  const ids = events.map(({ meta }) => meta.id);
  for (const index of [0, 1, 4, 6, 7]) {
    const back = await stage.connect({ position: events[index]!.meta.position });
    await mustGet(back, ids.slice(index + 1), `event ${index + 1} of ${ids.length}`);
  }
}

async function readsEveryForm(stage: Stage): Promise<void> {
  const { position: before } = await stage.begin();
  const [id] = await stage.count(1, 1);
  const first = await stage.connect({ position: before });
  await first.untilId(id!);
  const { meta } = first.events[0]!;
  const ids = await stage.count(2, 4);
  const forms: HandshakeAuth[] = [{ position: meta }, { serverOffset: meta.position }, { serverOffset: meta }];
  for (const auth of forms) {
    const back = await stage.connect(auth);
    await mustGet(back, ids, Object.keys(auth).join());
  }
  const offset = parsePosition(meta.position)?.offset;
  must(offset !== undefined, `"${meta.position}" is no position`);
  if (offset > 0) await mustGet(await stage.connect({ position: offset }), [id, ...ids], `offset ${offset}`);
}

async function resumesFromReady(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  visitor.cut();
  const ids = await stage.count(1, 3);
  const back = await stage.connect({ position });
  await mustGet(back, ids, "the position of warren:ready");
  const [live] = await stage.count(4, 4);
  await back.untilId(live!);
  mustEqual(back.ids, [...ids, live], "delivered in all");
}

async function beginsAtBeginning(stage: Stage): Promise<void> {
  const ids = await stage.count(1, 3);
  for (const position of ["first", 0]) {
    const back = await stage.connect({ position });
    await back.untilId(ids[2]!);
    await back.until(() => back.word("warren:caught-up") !== undefined, `warren:caught-up from ${position}`);
    mustEqual(back.ids, ids, `replayed from ${position}`);
    const gaps = back.gaps.filter(({ reason }) => reason !== "limit");
    mustEqual(gaps, [], `gaps from ${position}`);
  }
}

async function saysCaughtUp(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const missed = await stage.count(1, 3);
  await visitor.untilId(missed[2]!);
  const back = await stage.connect({ position });
  await back.until(() => back.word("warren:caught-up") !== undefined, "warren:caught-up");
  const at = back.word("warren:caught-up") as { position?: PositionString };
  must(typeof at?.position === "string", "warren:caught-up brings no position");
  const [live] = await stage.count(4, 4);
  await back.untilId(live!);
  const names = back.told.map(({ name }) => name);
  mustEqual(
    names,
    ["warren:ready", ...missed.map(() => "conformance"), "warren:caught-up", "conformance"],
    "what was told",
  );
  const again = await stage.connect({ position: at.position });
  await mustGet(again, [live], "the position of warren:caught-up");
}

async function sealsTheSeam(stage: Stage): Promise<void> {
  const { position } = await stage.begin();
  const before = await Promise.all(Array.from({ length: 100 }, (_, index) => stage.say(`before-${index}`)));
  const back = stage.knock({ topics: [stage.everything], position });
  const during = await Promise.all(Array.from({ length: 100 }, (_, index) => stage.say(`during-${index}`)));
  await back.until(() => back.word("warren:caught-up") !== undefined, "warren:caught-up");
  const last = await stage.say("last");
  await back.untilId(last);
  const reference = await stage.connect({ position });
  await reference.untilId(last);
  mustEqual(new Set(back.ids), new Set([...before, ...during, last]), "delivered");
  mustEqual(back.ids, reference.ids, "the order at two clients");
}

async function survivesCuts(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const ids = await stage.count(1, 5);
  await visitor.until(() => visitor.events.length >= 2, "two events");
  visitor.cut();
  const held = visitor.events.slice(0, 2);
  const again = stage.knock({ topics: [stage.everything], position: held[1]!.meta.position });
  await again.until(() => again.socket.connected, "a connection");
  again.cut();
  const more = await stage.count(6, 8);
  const standing = [...held, ...again.events].at(-1)?.meta.position ?? position;
  const back = await stage.connect({ position: standing });
  await back.untilId(more[2]!);
  mustEqual(
    [...held.map(({ meta }) => meta.id), ...again.ids, ...back.ids],
    [...ids, ...more],
    "over three connections",
  );
}
