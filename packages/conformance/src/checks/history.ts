import type { HistoryAck } from "@warren/events";
import { BOTH, must, mustEqual, show, type Check } from "../check.ts";
import type { Stage } from "../stage.ts";

/** The past, pulled. */
export const history: readonly Check[] = [
  {
    name: "history",
    promise: "warren:history brings the log in pages, each naming where it ends and whether there is more",
    transports: BOTH,
    run: bringsPages,
  },
  {
    name: "history-limit",
    promise: "a page of more than 500 events is refused",
    transports: ["websocket"],
    run: refusesLargePages,
  },
];

/** Unit: pages. On a log in use much that is not the run's lies between its events. */
const MAX_PAGES = 1_000;

async function bringsPages(stage: Stage): Promise<void> {
  const { visitor, position } = await stage.begin();
  const ids = await stage.count(1, 7);
  await visitor.untilId(ids[6]!);
  const found: { type: string; data: unknown; id: string | undefined }[] = [];
  let after = position;
  for (let page = 1; ; page++) {
    must(page <= MAX_PAGES, `${MAX_PAGES} pages did not reach the end of the log`);
    const request = { topics: [stage.everything], after, limit: 3 };
    const answer = (await visitor.ask("warren:history", request)) as HistoryAck;
    must(answer.ok && Array.isArray(answer.events), `warren:history was acked with ${show(answer)}`);
    must(answer.events.length <= 3, `a page of at most 3 events holds ${answer.events.length}`);
    mustEqual(answer.gaps ?? [], [], "gaps of a page");
    found.push(...answer.events.map(({ type, data, meta }) => ({ type, data, id: meta.id })));
    if (!answer.more) break;
    must(answer.position !== after || answer.events.length > 0, "a page ends where it began, and says there is more");
    after = answer.position;
  }
  mustEqual(
    found,
    ids.map((id, index) => ({ type: "conformance", data: index + 1, id })),
    "all pages together",
  );
  mustEqual(visitor.ids, ids, "delivered");
}

async function refusesLargePages(stage: Stage): Promise<void> {
  const { visitor, position: after } = await stage.begin([]);
  for (const limit of [501, 0, "all"]) {
    const answer = await visitor.ask("warren:history", { topics: [stage.everything], after, limit });
    mustEqual((answer as HistoryAck).ok, false, `ok in the ack of limit ${show(limit)}`);
  }
}
