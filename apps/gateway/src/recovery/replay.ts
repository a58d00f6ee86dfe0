import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { before, formatPosition, type Gap, type Position } from "@warren/events";
import { LogUnavailable, type ReadFrom } from "@warren/event-log";
import type { Feed } from "../fanout/feed.ts";
import type { LoggedEvent } from "../log/logged-event.ts";
import type { Ring } from "../log/ring.ts";

/** Unit: events looked at before other clients get their turn. */
const STRIDE = 1024;
const RETRY_MS = 250;

/** Who a replay is for. */
export interface ReplaySink {
  /** True once nobody wants the replay any more. */
  readonly closed: boolean;
  /** Takes events in order, silent ones and events for others among them; resolves when it can take more. */
  take(events: readonly LoggedEvent[]): Promise<void>;
  /** Called before any later event. */
  gap(gap: Gap): void;
  /** Nothing is left between the client and the end: called once, in the very turn in which that is so. */
  end(cursor: ReadFrom): void;
}

export interface ReplayOptions {
  readonly feed: Feed;
  readonly sink: ReplaySink;
  readonly from: ReadFrom;
  /** Unit: records, matched or not. Who asks for more is told of a gap and gets the newest. */
  readonly maxRecords: number;
  /** Offset of the last record wanted. @default the end of the log, wherever it is by then */
  readonly until?: number;
}

/**
 * Walks one client from a position up to the end of the log. The seam between replay and live is `sink.end`: the replay
 * calls it in the very turn in which nothing is left, and what it does there happens before the tail can bring more.
 *
 *   past ── the ring holds the cursor's record, or all that follows a proven cursor ──▶ ring ── nothing left ──▶ end
 *     ▲                                                                                  │
 *     └───── the ring has moved on past a slow client, or the log broke: another ring ───┘
 *
 * Every step proves the cursor anew: the ring or the log must hold the very record that it names.
 */
export class Replay {
  readonly #feed: Feed;
  readonly #sink: ReplaySink;
  readonly #maxRecords: number;
  readonly #until: number;
  #cursor: ReadFrom;
  /** The ring of which the cursor is known to be a place. */
  #proof: Ring | undefined;
  #limited = false;

  constructor(options: ReplayOptions) {
    this.#feed = options.feed;
    this.#sink = options.sink;
    this.#cursor = options.from;
    this.#maxRecords = options.maxRecords;
    this.#until = options.until ?? Number.POSITIVE_INFINITY;
  }

  /** Resolves after `sink.end`, or once the sink has closed. */
  async run(): Promise<void> {
    while (!this.#sink.closed) {
      const ring = this.#feed.ring;
      const floor = floorOf(this.#cursor);
      if (floor !== undefined && floor >= this.#until) return this.#sink.end(this.#cursor);
      if (floor === undefined || !ring.covers(floor) || !this.#proven(ring)) {
        await this.#readPast(ring);
        continue;
      }
      const events = ring.after(floor, STRIDE);
      if (events.length === 0 && floor <= floorOf(this.#feed.end)!) return this.#sink.end(this.#cursor);
      // The log goes on past what the tail has seen: to go live here would be to stand in two places.
      if (events.length === 0) await this.#feed.moved();
      await this.#hand(events);
      if (events.length === STRIDE) await nextTurn();
    }
  }

  #proven(ring: Ring): boolean {
    if (this.#proof === ring) return true;
    const cursor = this.#cursor;
    if (cursor === "first" || this.#overLimit(cursor)) return false;
    // An offset that somebody typed has nothing to prove; but the very beginning may be gone, which only the log can say.
    const unchecked = cursor.check === undefined && cursor.offset > 0 && cursor.offset <= (ring.last?.offset ?? -1);
    if (unchecked || ring.proves(cursor)) this.#proof = ring;
    return this.#proof === ring;
  }

  async #hand(events: readonly LoggedEvent[]): Promise<void> {
    const last = events.at(-1);
    if (last === undefined) return;
    const taken = this.#sink.take(
      last.offset <= this.#until ? events : events.filter(({ offset }) => offset <= this.#until),
    );
    // The sink has written, so the cursor moves before anything is awaited: a break of the log must not repeat them.
    this.#cursor = last.place;
    await taken;
  }

  /** One stretch from the log: where the ring does not reach, or another record stands. */
  async #readPast(ring: Ring): Promise<void> {
    try {
      const cursor = this.#cursor;
      if (cursor !== "first" && this.#overLimit(cursor)) return await this.#skip(cursor);
      if (cursor !== "first" && cursor.offset > this.#feed.end.offset && !(await this.#awaitEnd(ring, cursor))) return;
      const { start, events } = await this.#feed.past.after(cursor, this.#feed.end.offset);
      if (this.#sink.closed || ring !== this.#feed.ring) return;
      if (start.found === "gap") this.#lose(start.from, start.to, start.reason);
      const first = events[0];
      if (cursor === "first" && first !== undefined) {
        this.#cursor = before(first.offset, first.check);
        // Over the limit already: the next turn skips what is too much.
        if (this.#overLimit(this.#cursor)) return;
      }
      await this.#hand(events);
      // The log itself has vouched for the cursor, be it a record or the place before one.
      if (ring === this.#feed.ring) this.#proof = ring;
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      // The broker is away or the log is being made again: the position keeps, and so does the client.
      await delay(RETRY_MS, undefined, { ref: false });
    }
  }

  /**
   * A position newer than all this gateway has seen may come from a gateway that is a little ahead. Waits until this one
   * has seen all that was confirmed by now; true when the position is still ahead, so that it must be from another log.
   */
  async #awaitEnd(ring: Ring, cursor: Position): Promise<boolean> {
    const { last } = await this.#feed.past.bounds();
    while (!this.#sink.closed && this.#feed.ring === ring && this.#feed.end.offset < last.offset)
      await this.#feed.moved();
    return !this.#sink.closed && this.#feed.ring === ring && cursor.offset > this.#feed.end.offset;
  }

  #overLimit(position: Position): boolean {
    return !this.#limited && this.#feed.end.offset - position.offset > this.#maxRecords;
  }

  /** Jumps to where the bound on one replay allows to begin, and says so. */
  async #skip(from: Position): Promise<void> {
    const end = this.#feed.end.offset;
    const { events } = await this.#feed.past.after(before(end - this.#maxRecords + 1), end);
    const first = events[0];
    if (this.#sink.closed || first === undefined) return;
    this.#limited = true;
    this.#lose(from, before(first.offset, first.check), "limit");
  }

  #lose(from: Position, to: Position, reason: Gap["reason"]): void {
    this.#sink.gap({ from: formatPosition(from), to: formatPosition(to), reason });
    this.#cursor = to;
  }
}

/** The offset up to which everything is done, where the cursor says one. */
function floorOf(cursor: ReadFrom): number | undefined {
  if (cursor === "first") return undefined;
  return cursor.before ? cursor.offset - 1 : cursor.offset;
}
