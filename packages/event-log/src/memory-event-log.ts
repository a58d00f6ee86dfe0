import { LogUnavailable, type EventLog, type LogRecord } from "./event-log.ts";
import { MemoryReading } from "./memory-reading.ts";
import { MemoryRecords, type MemoryMessage } from "./memory-records.ts";
import { MemoryTail } from "./memory-tail.ts";

export interface MemoryEventLogOptions {
  /** What the log keeps; past it the oldest records go. Unit: bytes, bodies plus 256 for each record. @default 67_108_864 (64 MiB) */
  readonly maxBytes?: number;
}

/** The log of one process: the same promises as a stream's, for as long as the process lives. */
export interface MemoryEventLog extends EventLog {
  append(message: MemoryMessage): LogRecord;
  /** Takes every record before an offset, as retention would. */
  truncateBefore(offset: number): void;
  /** The log deleted and made again: empty, offsets from 0, every reading ended, every tail attached anew. */
  recreate(): void;
  /** As if the connection were lost: tails are told, reading throws, until `reconnect`. Appending goes on. */
  disconnect(reason?: string): void;
  reconnect(): void;
  /** Readings and tails that are open now. */
  readonly readers: number;
}

const defaults = { maxBytes: 64 * 1024 * 1024 } satisfies MemoryEventLogOptions;

export function createMemoryEventLog(name: string, options: MemoryEventLogOptions = {}): MemoryEventLog {
  const records = new MemoryRecords(options.maxBytes ?? defaults.maxBytes);
  const readings = new Set<MemoryReading>();
  const tails = new Set<MemoryTail>();
  let unavailable: string | undefined;
  let closed = false;

  const assertAvailable = (): void => {
    if (unavailable !== undefined) throw new LogUnavailable(`log "${name}" cannot be read: ${unavailable}`);
  };
  const endReadings = (reason: string): void => {
    for (const reading of readings) reading.fail(new LogUnavailable(`log "${name}": ${reason}`));
  };
  const loseTails = (reason: string): void => {
    for (const tail of tails) tail.lose(reason);
  };
  const wakeTails = (): void => {
    for (const tail of tails) tail.wake();
  };
  const appendMark = (): LogRecord => {
    const mark = records.appendMark(name);
    wakeTails();
    return mark;
  };

  return {
    name,
    get readers() {
      return readings.size + tails.size;
    },
    append(message) {
      const record = records.append(message);
      wakeTails();
      return record;
    },
    truncateBefore(offset) {
      records.truncateBefore(offset);
    },
    recreate() {
      records.recreate();
      endReadings("it was deleted while it was read");
      loseTails("the log was deleted");
      if (unavailable === undefined) for (const tail of tails) tail.attach();
    },
    disconnect(reason = "the connection was lost") {
      if (closed) return;
      unavailable = reason;
      endReadings(reason);
      loseTails(reason);
    },
    reconnect() {
      if (closed || unavailable === undefined) return;
      unavailable = undefined;
      for (const tail of tails) tail.attach();
    },
    read(readOptions) {
      const reading = new MemoryReading({
        name,
        records,
        appendMark,
        assertAvailable,
        options: readOptions,
        ended: () => readings.delete(reading),
      });
      reading.begin();
      if (!reading.done) readings.add(reading);
      return reading;
    },
    tail(from, handlers) {
      if (closed) assertAvailable();
      const tail = new MemoryTail({ records, appendMark, from, handlers, ended: () => tails.delete(tail) });
      tails.add(tail);
      if (unavailable === undefined) tail.attach();
      return tail;
    },
    async bounds() {
      assertAvailable();
      const last = appendMark();
      return { first: records.first ?? last, last };
    },
    async close() {
      unavailable = "it is closed";
      closed = true;
      endReadings(unavailable);
      await Promise.all([...tails].map((tail) => tail.close()));
    },
  };
}
