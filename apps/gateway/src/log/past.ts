import type { Position } from "@warren/events";
import type { EventLog, LogRecord, ReadFrom, ReadStart } from "@warren/event-log";
import { LoggedEvent } from "./logged-event.ts";
import { Deduper, type DedupeWindow } from "./deduper.ts";
import { Turns } from "./turns.ts";

/** Unit: records and bytes of one stretch; whichever is reached first. */
const STRETCH_RECORDS = 2048;
const STRETCH_BYTES = 2 * 1024 ** 2;
/** Of the stretches read last, so that whoever goes on from one need not read again what stands before. */
const REMEMBERED_DEDUPERS = 16;

/** Which repeats the tail has already decided. */
export interface Decided {
  /** Offset from which on `isRepeat` knows. */
  readonly decidedFrom: number;
  isRepeat(offset: number): boolean;
}

/** A part of the log, in order, without a hole. */
export interface Stretch {
  /** What was found where it was asked to begin. */
  readonly start: ReadStart;
  readonly events: readonly LoggedEvent[];
}

interface Entry {
  readonly from: ReadFrom;
  readonly stretch: Promise<Stretch>;
  settled: Stretch | undefined;
  bytes: number;
}

/**
 * The log behind the ring, read in stretches that are shared: clients which missed about the same are served from one
 * reading. At most so many readings are under way, and at most so many bytes are kept, the least recently used going
 * first. A stretch serves a position only if it holds, or begins with, the very record that the position names.
 */
export class Past {
  readonly #log: EventLog;
  readonly #turns: Turns;
  readonly #maxBytes: number;
  readonly #window: DedupeWindow;
  readonly #decided: Decided;
  readonly #entries = new Set<Entry>();
  /** By the offset of the last record each has seen. */
  readonly #dedupers = new Map<number, Deduper>();
  #bytes = 0;

  constructor(options: { log: EventLog; readers: number; maxBytes: number; window: DedupeWindow; decided: Decided }) {
    this.#log = options.log;
    this.#turns = new Turns(options.readers);
    this.#maxBytes = options.maxBytes;
    this.#window = options.window;
    this.#decided = options.decided;
  }

  /** Unit: bytes kept now. */
  get bytes(): number {
    return this.#bytes;
  }

  /** See EventLog.bounds. */
  bounds(): ReturnType<EventLog["bounds"]> {
    return this.#log.bounds();
  }

  /**
   * What follows a position, up to the record at `to` and at most one stretch of it, verified. Throws LogUnavailable.
   */
  async after(from: ReadFrom, to: number): Promise<Stretch> {
    for (const entry of this.#entries) {
      if (entry.settled !== undefined) {
        const events = same(entry.from, from) ? entry.settled.events : follow(entry.settled, from);
        if (events === undefined) continue;
        this.#entries.delete(entry);
        this.#entries.add(entry);
        return { start: { found: "exact" }, events };
      }
      if (same(entry.from, from)) return entry.stretch;
      if (from === "first" || entry.from === "first" || !mayHold(entry.from, from)) continue;
      await entry.stretch.catch(() => undefined);
      return this.after(from, to);
    }
    return this.#open(from, to);
  }

  /** The log is another one now: nothing that was kept is of use. */
  forget(): void {
    this.#entries.clear();
    this.#dedupers.clear();
    this.#bytes = 0;
  }

  async #open(from: ReadFrom, to: number): Promise<Stretch> {
    const entry: Entry = { from, stretch: this.#read(from, to), settled: undefined, bytes: 0 };
    this.#entries.add(entry);
    try {
      const stretch = await entry.stretch;
      if (!this.#entries.has(entry)) return stretch;
      entry.settled = stretch;
      entry.bytes = stretch.events.reduce((sum, { bytes }) => sum + bytes, 0);
      this.#bytes += entry.bytes;
      // A gap is the asker's own; and what holds nothing is nothing to keep.
      if (stretch.start.found === "gap" || stretch.events.length === 0) this.#drop(entry);
      for (const oldest of this.#entries) {
        // The newest stays whatever its size: those who missed the same are about to ask for it.
        if (this.#bytes <= this.#maxBytes || oldest === entry) break;
        if (oldest.settled !== undefined) this.#drop(oldest);
      }
      return stretch;
    } catch (error) {
      this.#entries.delete(entry);
      throw error;
    }
  }

  #drop(entry: Entry): void {
    if (this.#entries.delete(entry)) this.#bytes -= entry.bytes;
  }

  async #read(from: ReadFrom, to: number): Promise<Stretch> {
    const release = await this.#turns.take();
    try {
      const reading = this.#log.read({ from, to });
      const start = await reading.start;
      const events: LoggedEvent[] = [];
      let bytes = 0;
      let repeats: ((record: LogRecord) => boolean) | undefined;
      for await (const records of reading) {
        repeats ??= await this.#repeatsFrom(from, records[0]!.offset);
        for (const record of records) {
          const event = new LoggedEvent(record, repeats(record));
          events.push(event);
          bytes += event.bytes;
        }
        if (events.length >= STRETCH_RECORDS || bytes >= STRETCH_BYTES) break;
      }
      return { start, events };
    } finally {
      release();
    }
  }

  /** Decides repeats from an offset on: by what the tail knows, or by what stands before. */
  async #repeatsFrom(from: ReadFrom, offset: number): Promise<(record: LogRecord) => boolean> {
    const { decidedFrom } = this.#decided;
    if (offset >= decidedFrom) return (record) => this.#decided.isRepeat(record.offset);
    const deduper =
      (from === "first" ? new Deduper(this.#window) : this.#goingOn(from)) ?? (await this.#primed(offset));
    let last: number | undefined;
    return (record) => {
      const repeats = deduper.repeats(record);
      if (last !== undefined) this.#dedupers.delete(last);
      last = record.offset;
      this.#dedupers.set(last, deduper);
      for (const oldest of this.#dedupers.keys()) {
        if (this.#dedupers.size <= REMEMBERED_DEDUPERS) break;
        this.#dedupers.delete(oldest);
      }
      return record.offset >= decidedFrom ? this.#decided.isRepeat(record.offset) : repeats;
    };
  }

  /** The deduper of a stretch that ended right where another begins. */
  #goingOn(from: Position): Deduper | undefined {
    if (from.before) return undefined;
    const deduper = this.#dedupers.get(from.offset);
    this.#dedupers.delete(from.offset);
    return deduper;
  }

  async #primed(offset: number): Promise<Deduper> {
    const deduper = new Deduper(this.#window);
    const from = offset - this.#window.windowOffsets;
    const reading = this.#log.read({ from: from <= 0 ? "first" : { offset: from, before: true }, to: offset - 1 });
    for await (const records of reading)
      for (const record of records) if (record.offset < offset) deduper.repeats(record);
    return deduper;
  }
}

/** The events of a stretch that follow a position, where the stretch proves the position; else undefined. */
function follow({ events }: Stretch, from: ReadFrom): readonly LoggedEvent[] | undefined {
  if (from === "first" || from.check === undefined) return undefined;
  const index = indexOf(events, from.offset);
  if (events[index]?.offset !== from.offset || events[index].check !== from.check) return undefined;
  const after = events.slice(from.before ? index : index + 1);
  return after.length === 0 ? undefined : after;
}

function same(one: ReadFrom, other: ReadFrom): boolean {
  if (one === "first" || other === "first") return one === other;
  return one.offset === other.offset && one.check === other.check && one.before === other.before;
}

/** Whether a stretch that is being read from one position will probably hold another. */
function mayHold(from: Position, position: Position): boolean {
  return (
    position.check !== undefined && position.offset > from.offset && position.offset < from.offset + STRETCH_RECORDS / 2
  );
}

/** Index of the first event at or after `offset`, by binary search. */
function indexOf(events: readonly LoggedEvent[], offset: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (events[middle]!.offset < offset) low = middle + 1;
    else high = middle;
  }
  return low;
}
