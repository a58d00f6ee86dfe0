import { expect, it } from "vitest";
import { after, before, BEGINNING } from "@warren/events";
import { closing, collect, eventsOf, idsOf, numbered, positionOf, readOut, type CreateHarness } from "./harness.ts";

/** A position proves itself, or what became of it is announced. */
export function positionPromises(create: CreateHarness): void {
  const open = closing(create);

  it("a reading resumes after any record, and before any record, exactly", async () => {
    const { log, append } = await open();
    await append(numbered(12));
    const { events } = await readOut(log, "first");
    const to = (await log.bounds()).last.offset;
    for (const [index, { offset, check }] of events.entries()) {
      const behind = await collect(log.read({ from: after(offset, check), to }));
      expect(behind.start).toEqual({ found: "exact" });
      expect(idsOf(eventsOf(behind.records))).toEqual(idsOf(events.slice(index + 1)));
      const with_ = await collect(log.read({ from: before(offset, check), to }));
      expect(with_.start).toEqual({ found: "exact" });
      expect(idsOf(eventsOf(with_.records))).toEqual(idsOf(events.slice(index)));
    }
  });

  it("a position at the bound is exact, and nothing follows it", async () => {
    const { log, append } = await open();
    await append(numbered(3));
    const last = (await readOut(log, "first")).events.at(-1)!;
    const { start, records } = await collect(log.read({ from: positionOf(last), to: last.offset }));
    expect(start).toEqual({ found: "exact" });
    expect(records).toEqual([]);
  });

  it("a position ahead of the bound is exact as long as its record is there", async () => {
    const { log, append } = await open();
    await append(numbered(10));
    const { events } = await readOut(log, "first");
    const { start, records } = await collect(log.read({ from: positionOf(events[8]!), to: events[4]!.offset }));
    expect(start).toEqual({ found: "exact" });
    expect(records).toEqual([]);
  });

  it("another record at the position's offset is a reset, and everything there is comes after it", async () => {
    const { log, append } = await open();
    await append(numbered(10));
    const { events } = await readOut(log, "first");
    for (const from of [after(events[4]!.offset, "00000000"), before(events[4]!.offset, "00000000")]) {
      const resumed = await readOut(log, from);
      const to = before(events[0]!.offset, events[0]!.check);
      expect(resumed.start).toEqual({ found: "gap", reason: "reset", from, to });
      expect(idsOf(resumed.events)).toEqual(idsOf(events));
    }
  });

  it("a position past the end of the log is a reset, and does not wait", async () => {
    const { log, append } = await open();
    await append(numbered(5));
    const { events } = await readOut(log, "first");
    const to = before(events[0]!.offset, events[0]!.check);
    for (const from of [after(1_000_000, "0badcafe"), before(1_000_000)]) {
      const resumed = await readOut(log, from);
      expect(resumed.start).toEqual({ found: "gap", reason: "reset", from, to });
      expect(idsOf(resumed.events)).toEqual(idsOf(events));
    }
  });

  it("the beginning of a log that kept everything is no gap", async () => {
    const { log, append } = await open();
    await append(numbered(5));
    const { start, events } = await readOut(log, BEGINNING);
    expect(start).toEqual({ found: "exact" });
    expect(idsOf(events)).toEqual(idsOf(numbered(5)));
  });

  it("a position that retention passed is a gap up to the oldest record left", async () => {
    const { log, append, truncatePast } = await open("tight");
    await append(numbered(20));
    const { events } = await readOut(log, "first");
    await truncatePast(events[10]!.offset);
    const { first, last } = await log.bounds();
    expect(first.offset).toBeGreaterThan(events[10]!.offset);
    for (const from of [
      positionOf(events[3]!),
      before(events[3]!.offset, events[3]!.check),
      before(events[3]!.offset),
      BEGINNING,
    ]) {
      const { start, records } = await collect(log.read({ from, to: last.offset }));
      expect(start).toEqual({ found: "gap", reason: "retention", from, to: before(first.offset, first.check) });
      expect(records[0]!.offset).toBe(first.offset);
    }
  });

  it("what is read from the first record is never a gap, however much retention took", async () => {
    const { log, append, truncatePast } = await open("tight");
    await append(numbered(20));
    const { events } = await readOut(log, "first");
    await truncatePast(events[10]!.offset);
    const { first, last } = await log.bounds();
    const { start, records } = await collect(log.read({ from: "first", to: last.offset }));
    expect(start).toEqual({ found: "exact" });
    expect(records[0]!.offset).toBe(first.offset);
  });

  it("a typed number is exact anywhere in the log, whether or not a record stands there", async () => {
    const { log, append, truncatePast } = await open("tight");
    await append(numbered(20));
    await truncatePast(10);
    const { first, last } = await log.bounds();
    const all = (await collect(log.read({ from: "first", to: last.offset }))).records;
    // Each offset that is missing between two records, and some that are not.
    const holes = all.flatMap(({ offset }, index) => (all[index + 1]?.offset === offset + 2 ? [offset + 1] : []));
    for (const number of [first.offset, all[5]!.offset, ...holes.slice(0, 5)]) {
      const { start, records } = await collect(log.read({ from: before(number), to: last.offset }));
      expect(start).toEqual({ found: "exact" });
      expect(records[0]!.offset).toBe(all.find((record) => record.offset >= number)!.offset);
    }
  });

  for (const [size, count] of [
    ["fewer", 3],
    ["as many", 10],
    ["more", 30],
  ] as const) {
    it(`a log made again with ${size} records is a reset from its beginning`, async () => {
      const { log, append, recreate } = await open();
      await append(numbered(10));
      const { events: old } = await readOut(log, "first");
      await recreate();
      await append(numbered(count, "again"));
      for (const from of [positionOf(old[0]!), positionOf(old[5]!), positionOf(old[9]!)]) {
        const { start, events } = await readOut(log, from);
        expect(start).toMatchObject({ found: "gap", reason: "reset", from });
        expect(idsOf(events)).toEqual(idsOf(numbered(count, "again")));
      }
    });
  }
}
