import { randomUUID } from "node:crypto";
import type { LogRecord } from "./event-log.ts";
import { MARK_TYPE } from "./mark.ts";
import { recordCheck } from "./record-check.ts";

/** What a publisher would have given. */
export interface MemoryMessage {
  /** AMQP routing key. */
  readonly topic: string;
  /** @default empty */
  readonly body?: Buffer | string;
  readonly id?: string;
  /** AMQP type. */
  readonly type?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Unit: milliseconds since the epoch. */
  readonly time?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

const NO_HEADERS: Readonly<Record<string, unknown>> = Object.freeze({});

// What a record costs beside its body: the object, its strings, its place in the array.
const RECORD_BYTES = 256;

/** The records of one memory log, oldest first, bounded in bytes: past the bound the oldest go, never the newest. */
export class MemoryRecords {
  /** Which life of the log this is; `recreate` begins the next. */
  life = 0;
  /** Offset of the newest record that retention took, -1 while it took none. */
  truncated = -1;

  readonly #maxBytes: number;
  #records: LogRecord[] = [];
  // Records before this index are gone; the array is cut when they are half of it, so that taking one costs no copy.
  #head = 0;
  #bytes = 0;
  #next = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get first(): LogRecord | undefined {
    return this.#records[this.#head];
  }

  append(message: MemoryMessage): LogRecord {
    return this.#add(message, false);
  }

  appendMark(topic: string): LogRecord {
    return this.#add({ topic, type: MARK_TYPE, id: randomUUID() }, true);
  }

  /** The first record at or after an offset. */
  at(offset: number): LogRecord | undefined {
    return this.#records[this.#search(offset)];
  }

  /** Up to `max` records from an offset on, none past `to`. */
  slice(offset: number, max: number, to = Number.POSITIVE_INFINITY): LogRecord[] {
    const begin = this.#search(offset);
    const end = to === Number.POSITIVE_INFINITY ? this.#records.length : this.#search(to + 1);
    return this.#records.slice(begin, Math.min(end, begin + max));
  }

  /** Takes every record before an offset, as retention would. */
  truncateBefore(offset: number): void {
    while (this.first !== undefined && this.first.offset < offset) this.#drop();
  }

  /** The log deleted and made again: empty, and its offsets begin at 0. */
  recreate(): void {
    this.life += 1;
    this.truncated = -1;
    this.#records = [];
    this.#head = 0;
    this.#bytes = 0;
    this.#next = 0;
  }

  #add(message: MemoryMessage, mark: boolean): LogRecord {
    const body = typeof message.body === "string" ? Buffer.from(message.body) : (message.body ?? Buffer.alloc(0));
    const { topic, id, type, contentType, contentEncoding, time, headers = NO_HEADERS } = message;
    const check = recordCheck({ topic, id, time, body });
    const offset = this.#next++;
    const record = { offset, check, topic, body, id, type, contentType, contentEncoding, time, headers, mark };
    this.#records.push(record);
    this.#bytes += size(record);
    while (this.#bytes > this.#maxBytes && this.#head < this.#records.length - 1) this.#drop();
    return record;
  }

  #drop(): void {
    const record = this.#records[this.#head++]!;
    this.#bytes -= size(record);
    this.truncated = record.offset;
    if (this.#head * 2 > this.#records.length) {
      this.#records = this.#records.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Index of the first record at or after an offset; the array's length when there is none. */
  #search(offset: number): number {
    let low = this.#head;
    let high = this.#records.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#records[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

function size(record: LogRecord): number {
  return RECORD_BYTES + record.body.length;
}
