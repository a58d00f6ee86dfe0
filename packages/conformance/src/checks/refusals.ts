import { ERRORS, type ErrorCode } from "@warren/events";
import { BOTH, Broken, must, mustEqual, NotProvable, show, WEBSOCKET, type Check } from "../check.ts";
import { TYPE, type Stage } from "../stage.ts";
import type { Visitor } from "../visitor.ts";

/** What cannot be done is answered with a code, and costs nothing else. */
export const refusals: readonly Check[] = [
  {
    name: "refuse-namespace",
    promise: "an unknown namespace is refused with NAMESPACE_UNKNOWN",
    transports: BOTH,
    run: (stage) => refuses(stage.knock({}, { namespace: `/${stage.prefix}` }), "NAMESPACE_UNKNOWN"),
  },
  {
    name: "refuse-pattern",
    promise: "a pattern that is none is refused with PATTERN_INVALID, in connecting and in subscribing",
    transports: WEBSOCKET,
    run: refusesPatterns,
  },
  {
    name: "refuse-position",
    promise: "a position that is nonsense is refused with POSITION_INVALID, in connecting and in subscribing",
    transports: WEBSOCKET,
    run: refusesPositions,
  },
  {
    name: "refuse-reserved",
    promise: "an emit whose name is reserved is answered with EVENT_RESERVED",
    transports: BOTH,
    run: refusesReserved,
  },
  {
    name: "refuse-options",
    promise: "options that cannot be read are answered with what is wrong, and the connection goes on",
    transports: BOTH,
    run: refusesOptions,
  },
  {
    name: "refuse-payload",
    promise: "a body over the gateway's bound is answered with PAYLOAD_TOO_LARGE, and the connection goes on",
    transports: WEBSOCKET,
    run: refusesPayload,
  },
];

async function refuses(visitor: Visitor, code: ErrorCode): Promise<void> {
  await visitor.until(() => visitor.ended !== undefined || visitor.ready !== undefined, "an answer");
  must(visitor.ended !== undefined, `let in, and not refused with ${code}`);
  mustBe(code, visitor.ended.data);
}

function mustBe(code: ErrorCode, error: unknown): void {
  const { message, ...rest } = (error ?? {}) as Record<string, unknown>;
  mustEqual(rest, { code, retryable: ERRORS[code].retryable }, "the error");
  must(typeof message === "string" && message !== "", `${code} comes without a message`);
}

async function mustRefuse(visitor: Visitor, code: ErrorCode, name: string, ...args: unknown[]): Promise<void> {
  const answer = (await visitor.ask(name, ...args)) as { ok?: unknown; error?: unknown };
  mustEqual(answer?.ok, false, `ok in the ack of ${show([name, ...args])}`);
  mustBe(code, answer.error);
}

async function refusesPatterns(stage: Stage): Promise<void> {
  for (const topics of [["a#"], "#", [""], [1]]) await refuses(stage.knock({ topics }), "PATTERN_INVALID");
  const visitor = await stage.connect();
  await mustRefuse(visitor, "PATTERN_INVALID", "warren:subscribe", { topics: ["*a"] });
  await mustRefuse(visitor, "PATTERN_INVALID", "warren:unsubscribe", {});
}

async function refusesPositions(stage: Stage): Promise<void> {
  for (const position of ["nonsense", -1, 1.5, {}, true, "1-xyz"])
    await refuses(stage.knock({ topics: [stage.everything], position }), "POSITION_INVALID");
  const visitor = await stage.connect();
  const request = { topics: [stage.topic("b")], position: "nonsense" };
  await mustRefuse(visitor, "POSITION_INVALID", "warren:subscribe", request);
  await mustRefuse(visitor, "POSITION_INVALID", "warren:history", { topics: [stage.everything], after: "nonsense" });
}

async function refusesReserved(stage: Stage): Promise<void> {
  const visitor = await stage.connect();
  for (const name of ["warren:ready", "warren:gap", "warren:nonsense"])
    await mustRefuse(visitor, "EVENT_RESERVED", name, { position: "<0" });
  await goesOn(stage, visitor);
}

async function refusesOptions(stage: Stage): Promise<void> {
  const visitor = await stage.connect();
  const topic = stage.topic("a");
  await mustRefuse(visitor, "EVENT_INVALID", TYPE, 1, 7);
  await mustRefuse(visitor, "EVENT_INVALID", TYPE, 1, { topic, stray: 1 });
  await mustRefuse(visitor, "EVENT_INVALID", TYPE, 1, { topic }, "one too many");
  await mustRefuse(visitor, "EVENT_INVALID", "warren:subscribe", "topics");
  await mustRefuse(visitor, "ID_INVALID", TYPE, 1, { topic, id: "" });
  await mustRefuse(visitor, "ID_INVALID", TYPE, 1, { topic, id: "x".repeat(256) });
  await mustRefuse(visitor, "TOPIC_INVALID", TYPE, 1, { topic: "" });
  await mustRefuse(visitor, "TOPIC_INVALID", TYPE, 1, { topic: "x".repeat(256) });
  await mustRefuse(visitor, "TYPE_INVALID", "", 1, { topic });
  await mustRefuse(visitor, "HEADERS_INVALID", TYPE, 1, { topic, headers: { "x-mine": 1 } });
  await mustRefuse(visitor, "HEADERS_INVALID", TYPE, 1, { topic, headers: { deep: {} } });
  await mustRefuse(visitor, "PAYLOAD_INVALID", TYPE, { deep: Buffer.from("x") }, { topic });
  await goesOn(stage, visitor);
}

/**
 * Unit: bytes. The bound is the gateway's own. Past it by less than eight times, it must answer; so sizes rise by four.
 */
const SIZES = [64, 256, 1024, 4096, 16_384].map((kib) => kib * 1024);

async function refusesPayload(stage: Stage): Promise<void> {
  const visitor = await stage.connect({ topics: [stage.topic("small")] });
  for (const size of SIZES) {
    const answer = (await visitor.ask(TYPE, "x".repeat(size), { topic: stage.topic("large") })) as { ok: boolean };
    if (answer.ok) continue;
    mustBe("PAYLOAD_TOO_LARGE", (answer as { error?: unknown }).error);
    return goesOn(stage, visitor, stage.topic("small"));
  }
  throw new NotProvable(`bodies of ${SIZES.at(-1)} bytes are still taken`);
}

async function goesOn(stage: Stage, visitor: Visitor, topic = stage.topic("a")): Promise<void> {
  const id = await stage.say("goes-on", 1, { topic });
  await visitor.untilId(id).catch((error: Error) => {
    throw new Broken(`after the refusals: ${error.message}`);
  });
  mustEqual(visitor.ids, [id], "delivered");
}
