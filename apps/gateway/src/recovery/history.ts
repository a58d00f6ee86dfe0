import { CodedError, compilePatterns, formatPosition, type Gap, type HistoryPage, type Pattern } from "@warren/events";
import type { ReadFrom } from "@warren/event-log";
import type { Feed } from "../fanout/feed.ts";
import type { EventValue, LoggedEvent } from "../log/logged-event.ts";
import { Replay } from "./replay.ts";

/** Unit: events of one page. */
const MAX_PAGE = 500;
/** Unit: bytes of the bodies of one page; a page ends with the event that reaches it. */
const MAX_PAGE_BYTES = 1024 ** 2;
/** Unit: records that one page looks at; on a log where little matches, a page may be empty and more to come. */
const MAX_SCAN = 50_000;

/** Reads the `limit` of a page request. Throws CodedError EVENT_INVALID. */
export function readPageLimit(value: unknown): number {
  if (value === undefined || value === null) return MAX_PAGE;
  if (typeof value === "number" && Number.isInteger(value) && value >= 1 && value <= MAX_PAGE) return value;
  throw new CodedError(
    "EVENT_INVALID",
    `expected limit to be a whole number 1-${MAX_PAGE}, got ${JSON.stringify(value)?.slice(0, 40)}`,
  );
}

/** One page of the log after a position: what matches, where the page ends, and whether the log goes on there. */
export async function readHistory(request: {
  feed: Feed;
  topics: readonly Pattern[];
  from: ReadFrom;
  limit: number;
}): Promise<HistoryPage> {
  const { feed, from, limit } = request;
  const matches = compilePatterns(request.topics);
  let over = false;
  const events: EventValue[] = [];
  const gaps: Gap[] = [];
  let cursor = from;
  let scanned = 0;
  let bytes = 0;
  let more = true;

  const look = (event: LoggedEvent): void => {
    cursor = event.place;
    scanned++;
    if (event.silent || !matches(event.topic)) return;
    events.push(event.value);
    bytes += event.bytes;
  };
  const full = () => events.length >= limit || bytes >= MAX_PAGE_BYTES || scanned >= MAX_SCAN;
  const sink = {
    get closed() {
      return over;
    },
    async take(taken: readonly LoggedEvent[]) {
      for (const event of taken) {
        look(event);
        if (!full()) continue;
        over = true;
        return;
      }
    },
    gap(gap: Gap) {
      gaps.push(gap);
    },
    end(end: ReadFrom) {
      cursor = end;
      more = false;
    },
  };
  await new Replay({ feed, sink, from, maxRecords: Number.POSITIVE_INFINITY }).run();
  const position = formatPosition(cursor === "first" ? feed.end : cursor);
  return { events, position, more, ...(gaps.length > 0 ? { gaps } : {}) };
}
