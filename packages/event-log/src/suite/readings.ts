import { expect, it, vi } from "vitest";
import { BEGINNING } from "@warren/events";
import { LogUnavailable, type LogRecord, type Reading, type ReadFrom } from "../event-log.ts";
import { closing, collect, idsOf, numbered, positionOf, readOut, seeded, type CreateHarness } from "./harness.ts";

/** A reading is bounded, pulled, and leaves nothing behind. */
export function readingPromises(create: CreateHarness): void {
  const open = closing(create);

  it("a reading ends at its bound while the log grows on", async () => {
    const { log, append } = await open();
    await append(numbered(600));
    const to = (await readOut(log, "first")).events.at(-1)!.offset;
    const reading = log.read({ from: "first", to });
    const records: LogRecord[] = [];
    for await (const batch of reading) {
      records.push(...batch);
      await append(numbered(20, "later"));
    }
    expect(idsOf(records.filter((record) => record.id?.startsWith("event")))).toEqual(idsOf(numbered(600)));
    expect(records.at(-1)!.offset).toBe(to);
  });

  it("a reading that is broken off again and again, and resumed, gets every record once", async () => {
    const seed = Date.now() % 1_000_000;
    const random = seeded(seed);
    const { log, append } = await open();
    await append(numbered(2_000));
    const to = (await log.bounds()).last.offset;
    const got: LogRecord[] = [];
    let from: ReadFrom = BEGINNING;
    while ((got.at(-1)?.offset ?? -1) < to) {
      const reading: Reading = log.read({ from, to });
      expect(await reading.start, `seed ${seed}`).toEqual({ found: "exact" });
      for await (const batch of reading) {
        const some = batch.slice(0, 1 + random(batch.length));
        got.push(...some);
        if (some.length < batch.length || random(3) === 0) break;
      }
      from = positionOf(got.at(-1)!);
    }
    expect(idsOf(got.slice(0, 2_000)), `seed ${seed}`).toEqual(idsOf(numbered(2_000)));
  });

  it("many readings at once each get all of it", async () => {
    const { log, append } = await open();
    await append(numbered(300));
    const to = (await log.bounds()).last.offset;
    const all = await Promise.all(Array.from({ length: 20 }, () => collect(log.read({ from: BEGINNING, to }))));
    for (const { records } of all) expect(idsOf(records.slice(0, 300))).toEqual(idsOf(numbered(300)));
  });

  it("a reading that is broken off, returned, aborted or read to its end frees its reader", async () => {
    const { log, append, readers } = await open();
    await append(numbered(1_000));
    const to = (await log.bounds()).last.offset;
    const controller = new AbortController();
    const opened = Promise.withResolvers<void>();
    const broken = log.read({ from: "first", to });
    const returned = log.read({ from: "first", to })[Symbol.asyncIterator]();
    const ended = log.read({ from: "first", to })[Symbol.asyncIterator]();
    await log.read({ from: "first", to, signal: controller.signal }).start;
    await Promise.all([returned.next(), ended.next()]);
    const breaking = (async () => {
      for await (const batch of broken) {
        expect(batch.length).toBeLessThan(1_000);
        await opened.promise;
        break;
      }
    })();
    await vi.waitFor(async () => expect(await readers()).toBe(4), WAIT);
    opened.resolve();
    controller.abort();
    await Promise.all([breaking, returned.return?.(), drain(ended)]);
    await vi.waitFor(async () => expect(await readers()).toBe(0), WAIT);
  });

  it("an abort finishes the iteration without an error", async () => {
    const { log, append } = await open();
    await append(numbered(1_000));
    const to = (await log.bounds()).last.offset;
    const controller = new AbortController();
    const records: LogRecord[] = [];
    for await (const batch of log.read({ from: "first", to, signal: controller.signal })) {
      records.push(...batch);
      controller.abort();
    }
    expect(records.length).toBeGreaterThan(0);
    expect(records.length).toBeLessThan(1_000);

    const late = log.read({ from: "first", to, signal: controller.signal });
    await expect(late.start).rejects.toBeInstanceOf(LogUnavailable);
    for await (const batch of late) expect(batch).toBeUndefined();
  });

  it("a log deleted under a reading ends it with LogUnavailable", async () => {
    const { log, append, recreate } = await open();
    await append(numbered(1_000));
    const to = (await log.bounds()).last.offset;
    const reading = log.read({ from: "first", to })[Symbol.asyncIterator]();
    await reading.next();
    await recreate();
    await expect(drain(reading)).rejects.toBeInstanceOf(LogUnavailable);
  });

  it("a connection lost under a reading ends it with LogUnavailable, and the next goes on exactly", async () => {
    const { log, append, loseConnection } = await open();
    await append(numbered(1_000));
    const to = (await log.bounds()).last.offset;
    const reading = log.read({ from: "first", to })[Symbol.asyncIterator]();
    const value: readonly LogRecord[] = (await reading.next()).value;
    await loseConnection();
    await expect(drain(reading)).rejects.toBeInstanceOf(LogUnavailable);
    await vi.waitFor(() => log.bounds(), WAIT);
    const rest = await collect(log.read({ from: positionOf(value.at(-1)!), to }));
    expect(rest.start).toEqual({ found: "exact" });
    expect([...idsOf(value), ...idsOf(rest.records)].slice(0, 1_000)).toEqual(idsOf(numbered(1_000)));
  });

  it("retention that passes a reading never makes it skip: it ends, and resumes with the gap", async () => {
    const { log, append, truncatePast } = await open("tight");
    const messages = numbered(900);
    await append(messages);
    const { first, last } = await log.bounds();
    const kept = idsOf(messages).indexOf(first.id);
    const reading = log.read({ from: "first", to: last.offset });
    const records: LogRecord[] = [];
    const reads = async (): Promise<void> => {
      for await (const batch of reading) {
        if (records.length === 0) await truncatePast(last.offset);
        records.push(...batch);
      }
    };
    await expect(reads()).rejects.toThrow(/retention/);
    expect(records.length).toBeGreaterThan(0);
    expect(idsOf(records)).toEqual(idsOf(messages).slice(kept, kept + records.length));
    const resumed = await readOut(log, positionOf(records.at(-1)!));
    expect(resumed.start).toMatchObject({ found: "gap", reason: "retention", from: positionOf(records.at(-1)!) });
  });

  it("a bound from another life of the log does not make a reading wait for ever", async () => {
    const { log, append, recreate } = await open();
    await append(numbered(50));
    const to = (await log.bounds()).last.offset;
    await recreate();
    await append(numbered(5, "again"));
    const { records } = await collect(log.read({ from: "first", to }));
    expect(idsOf(records.filter((record) => !record.mark))).toEqual(idsOf(numbered(5, "again")));
  });

  it("closing the log ends its readings with LogUnavailable", async () => {
    const { log, append } = await open();
    await append(numbered(1_000));
    const to = (await log.bounds()).last.offset;
    const reading = log.read({ from: "first", to })[Symbol.asyncIterator]();
    await reading.next();
    await log.close();
    await expect(drain(reading)).rejects.toBeInstanceOf(LogUnavailable);
    const late = log.read({ from: "first", to });
    await expect(late.start).rejects.toBeInstanceOf(LogUnavailable);
    await expect(collect(late)).rejects.toBeInstanceOf(LogUnavailable);
  });
}

const WAIT = { timeout: 30_000, interval: 50 };

async function drain(reading: AsyncIterator<readonly LogRecord[]>): Promise<void> {
  while ((await reading.next()).done !== true);
}
