import { before } from "@warren/events";
import { LogUnavailable, type LogRecord, type Reading, type ReadOptions, type ReadStart } from "./event-log.ts";
import { judge, stands } from "./position-proof.ts";
import type { Bounds } from "./stream-bounds.ts";
import type { StreamOffset, StreamWindow } from "./stream-window.ts";

export interface StreamReadingParts {
  readonly queue: string;
  readonly options: ReadOptions;
  /** Unit: milliseconds without a record, after which the end of the log is looked up. */
  readonly stallMs: number;
  /** Unit: milliseconds without a record, after which the log counts as unavailable. */
  readonly timeoutMs: number;
  open(offset: StreamOffset): StreamWindow;
  first(): Promise<LogRecord>;
  bounds(): Promise<Bounds>;
}

type Batch = readonly LogRecord[];

/** See EventLog.read. */
export class StreamReading implements Reading, AsyncIterator<Batch, undefined> {
  readonly start: Promise<ReadStart>;

  readonly #parts: StreamReadingParts;
  readonly #batches: AsyncGenerator<Batch, undefined>;
  readonly #onAbort = (): void => void this.#end();
  #window: StreamWindow | undefined;
  #ended = false;
  // What was read to verify the start and is yet to be yielded.
  #landing: Batch = [];
  // Offset of the last record seen, yielded or not: the next one is expected right after it.
  #last = 0;
  #to: number;

  constructor(parts: StreamReadingParts) {
    this.#parts = parts;
    this.#to = parts.options.to;
    parts.options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    this.start = this.#begin();
    // Whoever iterates without asking for `start` meets the same error there.
    this.start.catch(() => undefined);
    this.#batches = this.#iterate();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  next(): Promise<IteratorResult<Batch, undefined>> {
    return this.#batches.next();
  }

  async return(): Promise<IteratorResult<Batch, undefined>> {
    await this.#end();
    return this.#batches.return(undefined);
  }

  async #begin(): Promise<ReadStart> {
    const { options } = this.#parts;
    try {
      if (options.signal?.aborted === true) await this.#end();
      this.#assertGoingOn();
      const start = await this.#verify();
      this.#assertGoingOn();
      return start;
    } catch (error) {
      await this.#end();
      throw error;
    }
  }

  async #verify(): Promise<ReadStart> {
    const { from, to } = this.#parts.options;
    if (from === "first") {
      this.#landing = (await this.#land("first")) ?? [];
      this.#last = this.#landing[0]!.offset;
      return { found: "exact" };
    }
    if (from.offset > to) {
      // Past the end of the log the broker would deliver nothing, for ever.
      const { last } = await this.#parts.bounds();
      this.#to = Math.min(to, last.offset);
      if (last.offset < from.offset) return this.#restart(from);
    }
    const batch = await this.#land(from.offset);
    if (batch === undefined) return this.#restart(from);
    const landed = batch[0]!;
    this.#last = landed.offset;
    if (stands(from, landed)) {
      this.#landing = from.before ? batch : batch.slice(1);
      return { found: "exact" };
    }
    const start = judge(from, landed, await this.#parts.first());
    if (start.found === "gap" && start.reason === "reset") return this.#restart(from);
    this.#landing = batch;
    return start;
  }

  /** Another log than the position's: everything in it is new. */
  async #restart(from: Exclude<ReadOptions["from"], "first">): Promise<ReadStart> {
    void this.#window?.close();
    this.#landing = (await this.#land("first")) ?? [];
    const landed = this.#landing[0]!;
    this.#last = landed.offset;
    return { found: "gap", reason: "reset", from, to: before(landed.offset, landed.check) };
  }

  /** Opens a window; its first batch, or undefined when the log ends before the offset. */
  async #land(offset: StreamOffset): Promise<Batch | undefined> {
    this.#assertGoingOn();
    this.#window = this.#parts.open(offset);
    return this.#batch(typeof offset === "number" ? offset : undefined);
  }

  async #batch(landingAt?: number): Promise<Batch | undefined> {
    const { queue, stallMs, timeoutMs } = this.#parts;
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += stallMs) {
      const batch = await this.#window!.next(stallMs);
      this.#assertGoingOn();
      if (batch.length > 0) return batch;
      if (waitedMs > 0) continue;
      // A bound that came from another life of the log may be one that this one never reaches.
      const { last } = await this.#parts.bounds();
      this.#assertGoingOn();
      this.#to = Math.min(this.#to, last.offset);
      if (landingAt !== undefined && last.offset < landingAt) return undefined;
    }
    throw new LogUnavailable(`log "${queue}" brought nothing in ${timeoutMs} ms`);
  }

  async *#iterate(): AsyncGenerator<Batch, undefined> {
    try {
      await this.start;
      let batch = this.#landing;
      this.#landing = [];
      for (;;) {
        const hole = this.#hole(batch);
        const lost = hole >= 0 && (await this.#lost(hole === 0 ? this.#last : batch[hole - 1]!.offset));
        const whole = lost ? batch.slice(0, hole) : batch;
        const wanted = whole.filter((record) => record.offset <= this.#to);
        if (wanted.length > 0) yield wanted;
        this.#last = whole.at(-1)?.offset ?? this.#last;
        if (this.#last >= this.#to) return undefined;
        if (lost) {
          throw new LogUnavailable(`retention of log "${this.#parts.queue}" passed the reading after ${this.#last}`);
        }
        batch = (await this.#batch())!;
      }
    } catch (error) {
      // Ended by its own reader: what was under way then may well have failed.
      if (this.#ended && error instanceof Ended) return undefined;
      throw error;
    } finally {
      await this.#end();
    }
  }

  /** Index of the first record that does not follow right on the one before it, or -1. */
  #hole(batch: Batch): number {
    let expected = this.#last + 1;
    for (let index = 0; index < batch.length; index++) {
      const { offset } = batch[index]!;
      // The record that stood at the start may come first itself.
      if (offset !== expected && offset !== this.#last) return index;
      expected = offset + 1;
    }
    return -1;
  }

  /**
   * Whether records after this offset may be gone. Offsets have holes of their own, and when retention passes a reader
   * the broker goes on at the oldest record left, without a word; then that record is past the last one read.
   */
  async #lost(offset: number): Promise<boolean> {
    const first = await this.#parts.first();
    this.#assertGoingOn();
    return first.offset > offset;
  }

  #assertGoingOn(): void {
    if (this.#ended) throw new Ended(`the reading of log "${this.#parts.queue}" was ended`);
  }

  async #end(): Promise<void> {
    this.#ended = true;
    this.#parts.options.signal?.removeEventListener("abort", this.#onAbort);
    await this.#window?.close();
  }
}

/** Ended by whoever reads, not by the log. */
class Ended extends LogUnavailable {}
