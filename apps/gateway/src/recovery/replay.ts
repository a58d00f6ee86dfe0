import { setImmediate as nextTurn, setTimeout as delay } from "node:timers/promises";
import { before, formatPosition, type Gap, type Position } from "@warren/events";
import { LogUnavailable, type ReadFrom } from "@warren/event-log";
import type { Feed } from "../fanout/feed.ts";
import { LoggedEvent } from "../fanout/logged-event.ts";
import type { Ring } from "../fanout/ring.ts";
import type { Turns } from "./turns.ts";

/** Unit: events looked at before other clients get their turn. */
const STRIDE = 1024;
const RETRY_MS = 250;

/** Who a replay is for. */
export interface ReplaySink {
  /** True once nobody wants the replay any more. */
  readonly closed: boolean;
  /** Aborted at the same moment. */
  readonly signal: AbortSignal;
  /** Takes events in order, marks and events for others among them; resolves when it can take more. */
  take(events: readonly LoggedEvent[]): Promise<void>;
  /** Called before any later event. */
  gap(gap: Gap): void;
  /** Nothing is left between the client and the end: called once, in the very turn in which that is so. */
  end(cursor: ReadFrom): void;
}

/**
 * Walks one client from a position up to the end of the log. The seam between replay and live is `sink.end`: the replay
 * calls it in the very turn in which nothing is left, and what it does there happens before the tail can bring more.
 *
 *   unproven ── the record stands in the ring ──────────────▶ in the ring ── nothing left ──▶ done
 *      ▲  └──── read from the log, inclusive; gap if it does not ──▲ │
 *      └──────────────── the log broke: another ring ────────────────┘
 *
 * In the ring means that the ring holds everything after the cursor. A slow client can fall out of it again.
 */
export class Replay {
  readonly #feed: Feed;
  readonly #sink: ReplaySink;
  readonly #turns: Turns;
  readonly #maxRecords: number;
  readonly #until: number;
  #cursor: ReadFrom;
  /** The ring in which the cursor was proven to stand. */
  #proof: Ring | undefined;
  #limited = false;

  /** @param options.until offset of the last record wanted, where it is not the end of the log */
  constructor(options: {
    feed: Feed;
    sink: ReplaySink;
    turns: Turns;
    from: ReadFrom;
    maxRecords: number;
    until?: number;
  }) {
    this.#feed = options.feed;
    this.#sink = options.sink;
    this.#turns = options.turns;
    this.#cursor = options.from;
    this.#maxRecords = options.maxRecords;
    this.#until = options.until ?? Number.POSITIVE_INFINITY;
  }

  /** Resolves after `sink.end`, or once the sink has closed. */
  async run(): Promise<void> {
    while (!this.#sink.closed) {
      const ring = this.#feed.ring;
      const floor = this.#floor();
      if (floor !== undefined && floor >= this.#until) return this.#sink.end(this.#cursor);
      if (ring !== this.#proof || floor === undefined || !ring.covers(floor)) {
        await this.#prove(ring);
        continue;
      }
      const events = ring.after(floor, STRIDE);
      if (events.length === 0) return this.#sink.end(this.#cursor);
      await this.#hand(events);
      if (events.length === STRIDE) await nextTurn();
    }
  }

  /** The offset up to which everything is done, where the cursor says one. */
  #floor(): number | undefined {
    if (this.#cursor === "first") return undefined;
    return this.#cursor.before ? this.#cursor.offset - 1 : this.#cursor.offset;
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

  /** Finds out whether the cursor's record is still what the log holds there, and moves it into the ring. */
  async #prove(ring: Ring): Promise<void> {
    const cursor = this.#cursor;
    if (cursor !== "first" && !this.#overLimit(cursor)) {
      const floor = this.#floor()!;
      const unchecked =
        cursor.check === undefined &&
        ring.last !== undefined &&
        floor < ring.last.offset &&
        ring.covers(floor) &&
        floor >= 0;
      if (ring.proves(cursor) || unchecked) {
        this.#proof = ring;
        return;
      }
      if (cursor.offset > this.#feed.end.offset && !(await this.#awaitEnd(ring))) return;
      if (ring !== this.#feed.ring || ring.proves(cursor)) return;
    }
    const release = await this.#turns.take();
    try {
      if (!this.#sink.closed) await this.#read();
    } catch (error) {
      if (this.#sink.closed) return;
      if (!(error instanceof LogUnavailable)) throw error;
      // The broker is away or the log is being made again: the position keeps, and so does the client.
      await delay(RETRY_MS, undefined, { signal: this.#sink.signal }).catch(() => {});
    } finally {
      release();
    }
  }

  /**
   * A position newer than all this gateway has seen may come from a gateway that is a little ahead. Waits until this one
   * has seen all that was confirmed by now; false when the ring changed meanwhile, so that everything must be asked again.
   */
  async #awaitEnd(ring: Ring): Promise<boolean> {
    try {
      const { last } = await this.#feed.past.bounds();
      while (!this.#sink.closed && this.#feed.ring === ring && this.#feed.end.offset < last.offset)
        await this.#feed.moved();
    } catch (error) {
      if (!(error instanceof LogUnavailable)) throw error;
      await delay(RETRY_MS, undefined, { signal: this.#sink.signal }).catch(() => {});
      return false;
    }
    return !this.#sink.closed && this.#feed.ring === ring;
  }

  #overLimit(position: Position): boolean {
    return !this.#limited && this.#feed.end.offset - position.offset > this.#maxRecords;
  }

  async #read(): Promise<void> {
    const ring = this.#feed.ring;
    const stop = new AbortController();
    const signal = AbortSignal.any([this.#sink.signal, stop.signal]);
    const reading = this.#feed.past.read({ from: this.#cursor, to: this.#feed.end.offset, signal });
    try {
      const start = await reading.start;
      if (this.#sink.closed) return;
      if (start.found === "gap") this.#lose(start.from, start.to, start.reason);
      for await (const records of reading) {
        if (this.#sink.closed) return;
        if (this.#cursor === "first") this.#cursor = before(records[0]!.offset, records[0]!.check);
        if (this.#overLimit(this.#cursor)) return await this.#skip(this.#cursor);
        await this.#hand(records.map((record) => new LoggedEvent(record)));
        if (ring !== this.#feed.ring) return;
        if (ring.covers(this.#floor()!) || this.#floor()! >= this.#until) break;
      }
      if (ring === this.#feed.ring && this.#cursor !== "first") this.#proof = ring;
    } finally {
      stop.abort();
    }
  }

  /** Jumps to where the bound on one replay allows to begin, and says so. */
  async #skip(from: Position): Promise<void> {
    this.#limited = true;
    const end = this.#feed.end.offset;
    const reading = this.#feed.past.read({
      from: before(end - this.#maxRecords + 1),
      to: end,
      signal: this.#sink.signal,
    });
    for await (const records of reading) {
      const first = records[0]!;
      this.#lose(from, before(first.offset, first.check), "limit");
      return;
    }
  }

  #lose(from: Position, to: Position, reason: Gap["reason"]): void {
    this.#sink.gap({ from: formatPosition(from), to: formatPosition(to), reason });
    this.#cursor = to;
  }
}
