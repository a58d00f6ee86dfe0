import { expect, it, vi } from "vitest";
import { after, before, BEGINNING } from "@warren/events";
import type { EventLog, LogRecord, ReadFrom, ReadStart, Tail } from "../event-log.ts";
import { closing, eventsOf, idsOf, numbered, positionOf, readOut, seeded, type CreateHarness } from "./harness.ts";

const WAIT = { timeout: 30_000, interval: 20 };

type Seen =
  | { readonly kind: "records"; readonly records: readonly LogRecord[] }
  | { readonly kind: "gap"; readonly gap: ReadStart }
  | { readonly kind: "attached"; readonly attached: boolean };

interface Followed {
  readonly tail: Tail;
  readonly seen: Seen[];
  readonly events: () => LogRecord[];
  readonly gaps: () => ReadStart[];
}

/** A tail with everything that it said, in order. */
function follow(log: EventLog, from: ReadFrom): Followed {
  const seen: Seen[] = [];
  const tail = log.tail(from, {
    records: (records) => seen.push({ kind: "records", records }),
    gap: (gap) => seen.push({ kind: "gap", gap }),
    attached: (attached) => seen.push({ kind: "attached", attached }),
  });
  return {
    tail,
    seen,
    events: () => eventsOf(seen.flatMap((entry) => (entry.kind === "records" ? entry.records : []))),
    gaps: () => seen.flatMap((entry) => (entry.kind === "gap" ? [entry.gap] : [])),
  };
}

/** A tail brings each record once, in order, whatever befalls its connection, and says what it could not bring. */
export function tailPromises(create: CreateHarness): void {
  const open = closing(create);

  it("a tail of an empty log brings its first record", async () => {
    const { log, append } = await open();
    const { tail, events } = follow(log, "first");
    await tail.ready;
    await append(numbered(1));
    await vi.waitFor(() => expect(idsOf(events())).toEqual(["event-0"]), WAIT);
    await tail.close();
  });

  it("a tail from a position brings what follows it, then what is appended", async () => {
    const { log, append } = await open();
    await append(numbered(20));
    const { events: old } = await readOut(log, "first");
    const { tail, events, gaps } = follow(log, positionOf(old[9]!));
    await tail.ready;
    await append(numbered(20, "live"));
    const expected = [...idsOf(numbered(20)).slice(10), ...idsOf(numbered(20, "live"))];
    await vi.waitFor(() => expect(idsOf(events())).toEqual(expected), WAIT);
    expect(gaps()).toEqual([]);
    await tail.close();
  });

  it("a tail from the end of the log brings only what is appended after it", async () => {
    const { log, append } = await open();
    await append(numbered(20));
    const { last } = await log.bounds();
    const { tail, events, gaps } = follow(log, after(last.offset, last.check));
    await tail.ready;
    await append(numbered(3, "live"));
    await vi.waitFor(() => expect(idsOf(events())).toEqual(idsOf(numbered(3, "live"))), WAIT);
    expect(gaps()).toEqual([]);
    await tail.close();
  });

  it("a tail from the beginning brings 5,000 records in bursts, each once", async () => {
    const { log, append } = await open();
    await append(numbered(5_000));
    const { tail, events, gaps } = follow(log, BEGINNING);
    await vi.waitFor(() => expect(events()).toHaveLength(5_000), WAIT);
    expect(idsOf(events())).toEqual(idsOf(numbered(5_000)));
    expect(gaps()).toEqual([]);
    await tail.close();
  });

  it("a tail whose connection is lost again and again brings each record once, in order", async () => {
    const seed = Date.now() % 1_000_000;
    const random = seeded(seed);
    const { log, append, loseConnection } = await open();
    const { tail, events, gaps, seen } = follow(log, BEGINNING);
    await tail.ready;
    const losses = 4;
    let sent = 0;
    for (let loss = 0; loss < losses; loss++) {
      const burst = 1 + random(300);
      const appending = append(numbered(sent + burst).slice(sent));
      if (random(2) === 0) await appending;
      await loseConnection();
      await appending;
      sent += burst;
    }
    const expected = idsOf(numbered(sent));
    await vi.waitFor(() => expect(events().length).toBeGreaterThanOrEqual(sent), WAIT);
    const got = idsOf(events());
    expect(
      got.filter((id) => !expected.includes(id)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(
      expected.filter((id) => !got.includes(id)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(got, `seed ${seed}`).toEqual(expected);
    expect(gaps()).toEqual([]);
    const told = seen.flatMap((entry) => (entry.kind === "attached" ? [entry.attached] : []));
    expect(told.filter((attached) => !attached).length).toBeGreaterThanOrEqual(1);
    expect(told).toEqual(told.map((_, index) => index % 2 === 0));
    await tail.close();
  });

  it("a tail from a position that retention passed says so before the first record, and goes on", async () => {
    const { log, append, truncatePast } = await open("tight");
    await append(numbered(20));
    const { events: old } = await readOut(log, "first");
    await truncatePast(old[10]!.offset);
    const { first } = await log.bounds();
    const from = positionOf(old[3]!);
    const { tail, seen, events } = follow(log, from);
    await append(numbered(1, "live"));
    await vi.waitFor(() => expect(idsOf(events())).toContain("live-0"), WAIT);
    const said = seen.filter((entry) => entry.kind !== "attached");
    expect(said[0]).toEqual({
      kind: "gap",
      gap: { found: "gap", reason: "retention", from, to: before(first.offset, first.check) },
    });
    expect(said.filter((entry) => entry.kind === "gap")).toHaveLength(1);
    expect(said[1]).toMatchObject({ kind: "records", records: { 0: { offset: first.offset } } });
    await tail.close();
  });

  for (const [size, count] of [
    ["fewer", 3],
    ["as many", 10],
    ["more", 30],
  ] as const) {
    it(`a tail of a log made again with ${size} records says reset, and brings the new log from its beginning`, async () => {
      const { log, append, recreate } = await open();
      await append(numbered(10));
      const { tail, seen, events, gaps } = follow(log, BEGINNING);
      await vi.waitFor(() => expect(events()).toHaveLength(10), WAIT);
      await recreate();
      await append(numbered(count, "again"));
      await vi.waitFor(() => expect(idsOf(events()).slice(10)).toEqual(idsOf(numbered(count, "again"))), WAIT);
      expect(gaps()).toHaveLength(1);
      const lastOld = seen.flatMap((entry) => (entry.kind === "records" ? entry.records : [])).at(9)!;
      expect(gaps()[0]).toMatchObject({ found: "gap", reason: "reset", from: positionOf(lastOld), to: { offset: 0 } });
      const order = seen.filter((entry) => entry.kind !== "attached").map((entry) => entry.kind);
      expect(order.lastIndexOf("gap")).toBe(order.indexOf("gap"));
      await tail.close();
    });
  }

  it("a tail of a log made again and left empty says reset without waiting for a record", async () => {
    const { log, append, recreate } = await open();
    await append(numbered(10));
    const { tail, events, gaps } = follow(log, BEGINNING);
    await vi.waitFor(() => expect(events()).toHaveLength(10), WAIT);
    await recreate();
    await vi.waitFor(() => expect(gaps()).toMatchObject([{ found: "gap", reason: "reset" }]), WAIT);
    await tail.close();
  });

  it("a closed tail is freed and says nothing more", async () => {
    const { log, append, readers } = await open();
    const { tail, seen } = follow(log, "first");
    await tail.ready;
    await append(numbered(1));
    await vi.waitFor(() => expect(seen.some((entry) => entry.kind === "records")).toBe(true), WAIT);
    await vi.waitFor(async () => expect(await readers()).toBe(1), WAIT);
    await tail.close();
    const told = seen.length;
    await append(numbered(5, "late"));
    await vi.waitFor(async () => expect(await readers()).toBe(0), WAIT);
    expect(seen).toHaveLength(told);
    await tail.close();
  });
}

/** What only a log can promise that outlives the process that holds it. */
export function restartPromises(create: CreateHarness): void {
  const open = closing(create);

  it("a tail goes on through a restart of what holds the log, exactly once, in order", async () => {
    const { log, append, restart } = await open();
    const { tail, events, gaps } = follow(log, BEGINNING);
    await append(numbered(200));
    await vi.waitFor(() => expect(events()).toHaveLength(200), WAIT);
    await restart!();
    await append(numbered(400).slice(200));
    await vi.waitFor(() => expect(events().length).toBeGreaterThanOrEqual(400), WAIT);
    expect(idsOf(events())).toEqual(idsOf(numbered(400)));
    expect(gaps()).toEqual([]);
    await tail.close();
  });
}
