import { onTestFinished } from "vitest";
import { after, type Position } from "@warren/events";
import type { EventLog, LogRecord, Reading, ReadFrom, ReadStart } from "../event-log.ts";

/** A message as any publisher may give it: all but the topic is optional. */
export interface SuiteMessage {
  readonly topic: string;
  readonly body?: Buffer;
  readonly id?: string;
  readonly type?: string;
  readonly contentType?: string;
  readonly contentEncoding?: string;
  /** Unit: milliseconds since the epoch. */
  readonly time?: number;
  readonly headers?: Readonly<Record<string, unknown>>;
}

/** One log under test, and what can be done to it from outside. */
export interface EventLogHarness {
  readonly log: EventLog;
  /** Resolves when all stand in the log, in order. */
  readonly append: (messages: readonly SuiteMessage[]) => Promise<void>;
  /** Retention takes at least every record up to and with this offset; may append messages of topic `filler`. */
  readonly truncatePast: (offset: number) => Promise<void>;
  /** Deletes the log and makes it again, empty. */
  readonly recreate: () => Promise<void>;
  /** Resolves when the connection is lost; it comes back by itself. Appending goes on meanwhile. */
  readonly loseConnection: () => Promise<void>;
  /** Stops and starts what holds the log. Absent where the log does not outlive that. */
  readonly restart?: () => Promise<void>;
  /** Readings and tails open on the log, as seen from its own side. */
  readonly readers: () => Promise<number>;
  /** Closes the log and everything else; safe after `log.close()`. */
  readonly close: () => Promise<void>;
}

export interface HarnessOptions {
  /** `tight`: between 200 and 2,000 records of 200 bytes are kept. `ample`: all that a test appends. */
  readonly retention: "ample" | "tight";
}

export type CreateHarness = (options: HarnessOptions) => Promise<EventLogHarness>;

/** Makes harnesses that are closed when their test is over, however it ends. */
export function closing(create: CreateHarness): (retention?: HarnessOptions["retention"]) => Promise<EventLogHarness> {
  return async (retention = "ample") => {
    const harness = await create({ retention });
    onTestFinished(() => harness.close());
    return harness;
  };
}

/** `count` messages with ids `<prefix>-0` and so on, 200 bytes each. */
export function numbered(count: number, prefix = "event"): SuiteMessage[] {
  return Array.from({ length: count }, (_, index) => ({
    topic: `${prefix}.${index % 7}`,
    id: `${prefix}-${index}`,
    body: Buffer.from(`${prefix} ${index} `.padEnd(200, ".")),
  }));
}

export function idsOf(records: readonly (LogRecord | SuiteMessage)[]): (string | undefined)[] {
  return records.map((record) => record.id);
}

/** The events among records: what the log wrote itself is for nobody. */
export function eventsOf(records: readonly LogRecord[]): LogRecord[] {
  return records.filter((record) => !record.mark);
}

export async function collect(reading: Reading): Promise<{ start: ReadStart; records: LogRecord[] }> {
  const records: LogRecord[] = [];
  for await (const batch of reading) records.push(...batch);
  return { start: await reading.start, records };
}

/** Everything from a position to the end of the log, without marks. */
export async function readOut(log: EventLog, from: ReadFrom): Promise<{ start: ReadStart; events: LogRecord[] }> {
  const { last } = await log.bounds();
  const { start, records } = await collect(log.read({ from, to: last.offset }));
  return { start, events: eventsOf(records) };
}

export function positionOf(record: LogRecord): Position {
  return after(record.offset, record.check);
}

/** A repeatable source of random whole numbers below `below` (mulberry32). */
export function seeded(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}
