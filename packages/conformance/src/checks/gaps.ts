import { formatPosition, parsePosition, type Gap, type PositionString } from "@warren/events";
import { must, mustEqual, NotProvable, WEBSOCKET, type Check } from "../check.ts";
import type { Stage } from "../stage.ts";

/** What a client is told whose position the log does not bear out. */
export const gaps: readonly Check[] = [
  {
    name: "gap-future",
    promise: "a position from the future is announced as a gap of reason reset, before any event",
    transports: WEBSOCKET,
    run: (stage) => isReset(stage, (offset) => offset + 1_000_000_000),
  },
  {
    name: "gap-forged",
    promise: "a position at which another record stands is announced as a gap of reason reset, before any event",
    transports: WEBSOCKET,
    run: (stage) => isReset(stage, (offset) => offset),
  },
];

async function isReset(stage: Stage, move: (offset: number) => number): Promise<void> {
  const { visitor } = await stage.begin();
  const id = await stage.say("there");
  await visitor.untilId(id);
  const place = parsePosition(visitor.events[0]!.meta.position);
  if (place?.check === undefined) throw new NotProvable("positions here are not of the form that can be forged");
  const check = ((Number.parseInt(place.check, 16) ^ 0xff) >>> 0).toString(16).padStart(8, "0");
  const from: PositionString = formatPosition({ offset: move(place.offset), check, before: false });
  const back = await stage.connect({ position: from });
  await back.until(() => back.gaps.length > 0, "warren:gap");
  const [gap] = back.gaps as [Gap];
  mustEqual({ from: gap.from, reason: gap.reason }, { from, reason: "reset" }, "warren:gap");
  must(typeof gap.to === "string" && gap.to !== "", "warren:gap brings no position to go on from");
  await back.untilId(id);
  const order = back.told
    .map(({ name }) => name)
    .filter((name) => name === "warren:gap" || !name.startsWith("warren:"));
  mustEqual(order, ["warren:gap", "conformance"], "gap and events");
}
