import { LogUnavailable, type LogRecord, type Reading, type ReadOptions, type ReadStart } from "./event-log.ts";
import type { MemoryRecords } from "./memory-records.ts";
import { judge, stands } from "./position-proof.ts";

// Big enough that a batch costs little, small enough that a reader of many shares the process with others.
const BATCH_RECORDS = 500;

interface MemoryReadingParts {
  readonly name: string;
  readonly records: MemoryRecords;
  readonly options: ReadOptions;
  appendMark(): LogRecord;
  assertAvailable(): void;
  /** Called once, when the reading is over. */
  ended(): void;
}

/** See EventLog.read. */
export class MemoryReading implements Reading, AsyncIterator<readonly LogRecord[], undefined> {
  readonly start: Promise<ReadStart>;
  done = false;

  readonly #parts: MemoryReadingParts;
  readonly #started = Promise.withResolvers<ReadStart>();
  readonly #onAbort = (): void => this.#end();
  #life = 0;
  // The next record wanted is at or after this offset.
  #cursor = 0;
  #fault: Error | undefined;

  constructor(parts: MemoryReadingParts) {
    this.#parts = parts;
    this.start = this.#started.promise;
    // Whoever iterates without asking for `start` meets the same error there.
    this.start.catch(() => undefined);
  }

  begin(): void {
    const { records, options, name } = this.#parts;
    if (options.signal?.aborted === true) {
      this.#started.reject(new LogUnavailable(`the reading of log "${name}" was ended before it began`));
      this.done = true;
      return;
    }
    try {
      this.#parts.assertAvailable();
      this.#started.resolve(this.#verify());
      this.#life = records.life;
      options.signal?.addEventListener("abort", this.#onAbort, { once: true });
    } catch (error) {
      this.#started.reject(error);
      this.#fault = error as Error;
      this.done = true;
    }
  }

  fail(error: Error): void {
    this.#fault = error;
    this.#end();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async next(): Promise<IteratorResult<readonly LogRecord[], undefined>> {
    const { records, options, name } = this.#parts;
    if (this.#fault !== undefined) {
      const fault = this.#fault;
      this.#fault = undefined;
      throw fault;
    }
    if (this.done) return { done: true, value: undefined };
    if (records.life === this.#life && records.truncated >= this.#cursor) {
      this.#end();
      throw new LogUnavailable(`retention of log "${name}" passed the reading at offset ${this.#cursor}`);
    }
    const batch = records.slice(this.#cursor, BATCH_RECORDS, options.to);
    const last = batch.at(-1);
    if (last === undefined) {
      this.#end();
      return { done: true, value: undefined };
    }
    this.#cursor = last.offset + 1;
    return { done: false, value: batch };
  }

  async return(): Promise<IteratorResult<readonly LogRecord[], undefined>> {
    this.#end();
    return { done: true, value: undefined };
  }

  #verify(): ReadStart {
    const { records, options } = this.#parts;
    const { from } = options;
    if (from === "first") {
      this.#cursor = records.first?.offset ?? records.truncated + 1;
      return { found: "exact" };
    }
    const landed = records.at(from.offset) ?? markAt(from.offset, this.#parts);
    if (landed !== undefined && stands(from, landed)) {
      this.#cursor = from.before ? landed.offset : landed.offset + 1;
      return { found: "exact" };
    }
    const start = judge(from, landed, records.first!);
    this.#cursor = start.found === "gap" ? start.to.offset : landed!.offset;
    return start;
  }

  #end(): void {
    if (this.done) return;
    this.done = true;
    this.#parts.options.signal?.removeEventListener("abort", this.#onAbort);
    this.#parts.ended();
  }
}

/** Where nothing stands at or after an offset, a mark shows whether the log goes on from there or ends before it. */
export function markAt(offset: number, parts: Pick<MemoryReadingParts, "appendMark">): LogRecord | undefined {
  const mark = parts.appendMark();
  return mark.offset >= offset ? mark : undefined;
}
