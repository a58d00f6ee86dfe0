import { Worker } from "node:worker_threads";
import { describe, expect, inject, it, onTestFinished, vi } from "vitest";
import { after, BEGINNING } from "@warren/events";
import { attachBroker } from "@warren/broker";
import "@warren/broker/vitest-setup";
import { LogUnavailable, type EventLog, type LogRecord, type ReadStart } from "@warren/event-log";
import { describeEventLog } from "@warren/event-log/suite";
import { MARKS_EXCHANGE } from "@warren/topology";
import type { FloodOrder } from "./flood.ts";
import { createStreamHarness, EXCHANGE, type StreamHarness } from "./stream-harness.ts";

const WAIT = { timeout: 30_000, interval: 20 };
const broker = attachBroker(inject("warrenBroker"));
const disturbable = broker.kind !== "url";

describeEventLog("stream", (options) => createStreamHarness(broker, options), { survivesRestart: disturbable });

async function open(retention: "ample" | "tight" = "ample"): Promise<StreamHarness> {
  const harness = await createStreamHarness(broker, { retention });
  onTestFinished(() => harness.close());
  return harness;
}

async function readAll(log: EventLog): Promise<LogRecord[]> {
  const { last } = await log.bounds();
  const records: LogRecord[] = [];
  for await (const batch of log.read({ from: "first", to: last.offset })) records.push(...batch);
  return records;
}

function numbered(count: number, prefix = "event"): { topic: string; id: string; body: Buffer }[] {
  return Array.from({ length: count }, (_, index) => ({
    topic: "a",
    id: `${prefix}-${index}`,
    body: Buffer.alloc(200),
  }));
}

describe("stream: foreign messages", () => {
  it("a time in whole seconds becomes milliseconds, and a precise one in a header goes before it", async () => {
    const { log, vhost } = await open();
    await vhost.publish(EXCHANGE, "a", "1", { timestamp: 1_700_000_000 });
    await vhost.publish(EXCHANGE, "a", "2", {
      timestamp: 1_700_000_000,
      headers: { timestamp_in_ms: 1_700_000_000_123 },
    });
    await vhost.publish(EXCHANGE, "a", "3", { timestamp: 1_700_000_000, headers: { timestamp_in_ms: "soon" } });
    const records = await readAll(log);
    expect(records.slice(0, 3).map(({ time }) => time)).toEqual([
      1_700_000_000_000, 1_700_000_000_123, 1_700_000_000_000,
    ]);
  });

  it("headers of any kind and name do no harm", async () => {
    const { log, vhost } = await open();
    const headers = { list: [1, 2], table: { a: 1 }, text: "x", constructor: "c", "x-stream-offset": 99 };
    await vhost.publish(EXCHANGE, "", "", { headers, message_id: "odd" });
    const [record] = await readAll(log);
    expect(record).toMatchObject({ offset: 0, topic: "", id: "odd", headers: { text: "x", constructor: "c" } });
  });
});

describe("stream: marks", () => {
  it("calls of one turn share one mark", async () => {
    const { log } = await open();
    await log.bounds();
    const calls = await Promise.all(Array.from({ length: 10 }, () => log.bounds()));
    expect(new Set(calls.map(({ last }) => last.offset)).size).toBe(1);
    const marks = (await readAll(log)).filter((record) => record.mark);
    expect(marks.length).toBeLessThanOrEqual(3);
  });

  it("marks of another process are marks here too", async () => {
    const { log, another } = await open();
    await another().bounds();
    const records = await readAll(log);
    expect(records.map((record) => record.mark)).toEqual(records.map(() => true));
    expect(records.length).toBeGreaterThanOrEqual(2);
  });

  it("an exchange for marks that is gone is made again", async () => {
    const { log, vhost } = await open();
    await log.bounds();
    await vhost.deleteExchange(MARKS_EXCHANGE);
    expect((await log.bounds()).last.mark).toBe(true);
  });
});

describe("stream: holes", () => {
  it("the holes that a stream's offsets have are taken for no loss, by readings and by tails", async () => {
    const { log, append } = await open("tight");
    for (let round = 0; round < 10; round++) await append(numbered(60, `round-${round}`));
    const records = await readAll(log);
    const holes = records.filter((record, index) => index > 0 && record.offset !== records[index - 1]!.offset + 1);
    expect(holes.length).toBeGreaterThan(0);

    const followed: number[] = [];
    const gaps: ReadStart[] = [];
    const tail = log.tail("first", {
      records: (burst) => followed.push(...burst.map(({ offset }) => offset)),
      gap: (gap) => gaps.push(gap),
      attached() {},
    });
    const last = records.at(-1)!.offset;
    await vi.waitFor(() => expect(followed.at(-1)).toBeGreaterThanOrEqual(last), WAIT);
    expect(followed.filter((offset) => offset <= last)).toEqual(records.map(({ offset }) => offset));
    expect(gaps).toEqual([]);
    await tail.close();
  });

  it("retention that passes a tail which is too slow is a gap before the next record", async () => {
    const { another, append, vhost } = await open("tight");
    const log = another({ tailPrefetch: 10 });
    const said: (readonly LogRecord[] | Extract<ReadStart, { found: "gap" }>)[] = [];
    const tail = log.tail("first", {
      records: (burst) => said.push(burst),
      gap: (gap) => said.push(gap),
      attached() {},
    });
    await tail.ready;
    await append(numbered(5));
    await vi.waitFor(() => expect(said.flat().length).toBeGreaterThanOrEqual(5), WAIT);

    const messages = 5_000;
    const order: FloodOrder = { url: vhost.amqpUrl, exchange: EXCHANGE, messages, done: new SharedArrayBuffer(4) };
    const worker = new Worker(new URL("flood.ts", import.meta.url), {
      workerData: order,
      execArgv: ["--conditions=@warren/source"],
    });
    const ended = new Promise((resolve) => worker.once("exit", resolve));
    // The whole thread stands still, as it would under a long synchronous task, while the log moves on.
    expect(Atomics.wait(new Int32Array(order.done), 0, 0, 20_000)).not.toBe("timed-out");
    await ended;

    await vi.waitFor(() => expect(idsSaid(said)).toContain(`flood-${messages - 1}`), WAIT);
    await tail.close();
    const gap = said.find((entry) => "found" in entry);
    expect(gap).toMatchObject({ reason: "retention" });
    const sent = [
      ...numbered(5).map(({ id }) => id),
      ...Array.from({ length: messages }, (_, index) => `flood-${index}`),
    ];
    const got = idsSaid(said);
    expect(got).toEqual(sent.filter((id) => got.includes(id)));
    assertCovered(said, sent);
  });
});

function idsSaid(said: readonly (readonly LogRecord[] | ReadStart)[]): string[] {
  return said.flatMap((entry) => ("found" in entry ? [] : entry.flatMap(({ mark, id }) => (mark ? [] : [id!]))));
}

/** Every id that is missing lies where a gap was announced: between the record before the gap and the one after it. */
function assertCovered(said: readonly (readonly LogRecord[] | ReadStart)[], sent: readonly string[]): void {
  let next = 0;
  let announced = false;
  for (const entry of said) {
    if ("found" in entry) {
      announced = true;
      continue;
    }
    for (const { id, mark } of entry) {
      if (mark) continue;
      const at = sent.indexOf(id!);
      const skipped = at !== next;
      expect({ id, silently: skipped && !announced }).toEqual({ id, silently: false });
      next = at + 1;
      announced = false;
    }
  }
  expect(next).toBe(sent.length);
}

describe("stream: lost and found", () => {
  it("a stream that was deleted is made again by its tail, which says reset", async () => {
    const { log, append, vhost } = await open();
    const ids: (string | undefined)[] = [];
    const gaps: ReadStart[] = [];
    const tail = log.tail(BEGINNING, {
      records: (burst) => ids.push(...burst.filter(({ mark }) => !mark).map(({ id }) => id)),
      gap: (gap) => gaps.push(gap),
      attached() {},
    });
    await append(numbered(2));
    await vi.waitFor(() => expect(ids).toEqual(["event-0", "event-1"]), WAIT);
    await vhost.deleteQueue(log.name);
    await vi.waitFor(() => expect(gaps).toMatchObject([{ found: "gap", reason: "reset" }]), WAIT);
    await append(numbered(2, "again"));
    await vi.waitFor(() => expect(ids).toEqual(["event-0", "event-1", "again-0", "again-1"]), WAIT);
    await tail.close();
  });

  it("a reading gets no more than its window, and a chunk, until it is consumed", async () => {
    const { log, another, append, channels } = await open();
    // A chunk holds at most what was appended at once: the broker delivers chunks whole.
    for (let round = 0; round < 50; round++) await append(numbered(10, `round-${round}`));
    const { last } = await log.bounds();
    const reading = another({ readPrefetch: 16 }).read({ from: "first", to: last.offset })[Symbol.asyncIterator]();
    expect((await reading.next()).value).toHaveLength(4);
    const held = await vi.waitFor(async () => {
      const [channel] = await channels();
      expect(channel).toMatchObject({ prefetch_count: 16 });
      expect(channel!.messages_unacknowledged).toBeGreaterThanOrEqual(16);
      return channel!.messages_unacknowledged;
    }, WAIT);
    expect(held).toBeLessThanOrEqual(16 + 10);
    await reading.return?.();
  });

  it("a log whose name belongs to another kind of queue is unavailable, and says what differs", async () => {
    const { log, vhost, another } = await open();
    await log.close();
    await vhost.deleteQueue(log.name);
    await vhost.createQueue(log.name);
    await expect(another().bounds()).rejects.toThrow(/chat\.log/);
    await expect(another().bounds()).rejects.toBeInstanceOf(LogUnavailable);
  });

  it("without a connection, reading is refused at once with LogUnavailable", async () => {
    const { log, append, consumeConnection } = await open();
    await append(numbered(3));
    const { first, last } = await log.bounds();
    await consumeConnection.close();
    const reading = log.read({ from: after(first.offset, first.check), to: last.offset });
    await expect(reading.start).rejects.toBeInstanceOf(LogUnavailable);
    await expect(log.bounds()).rejects.toBeInstanceOf(LogUnavailable);
  });

  it.runIf(disturbable)("a frozen broker is LogUnavailable in bounded time, and thawed it serves again", async () => {
    const { another, append } = await open();
    const log = another({ timeoutMs: 500, stallMs: 200 });
    await append(numbered(300));
    const { last } = await log.bounds();
    await broker.faults.freeze();
    try {
      await expect(log.bounds()).rejects.toBeInstanceOf(LogUnavailable);
      const reading = log.read({ from: BEGINNING, to: last.offset });
      await expect(reading.start).rejects.toBeInstanceOf(LogUnavailable);
    } finally {
      await broker.faults.thaw();
    }
    await vi.waitFor(async () => expect((await readAll(log)).length).toBeGreaterThan(300), WAIT);
  });
});
