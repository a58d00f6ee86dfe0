import { expect, it } from "vitest";
import { BEGINNING } from "@warren/events";
import { LogUnavailable } from "../event-log.ts";
import { closing, collect, idsOf, numbered, type CreateHarness } from "./harness.ts";

/** Where a log begins and ends. */
export function boundsPromises(create: CreateHarness): void {
  const open = closing(create);

  it("an empty log's bounds are one mark, first and last", async () => {
    const { log } = await open();
    const { first, last } = await log.bounds();
    expect(first).toMatchObject({ offset: 0, mark: true, topic: log.name });
    expect(last).toEqual(first);
    const { start, records } = await collect(log.read({ from: BEGINNING, to: last.offset }));
    expect(start).toEqual({ found: "exact" });
    expect(records).toEqual([last]);
  });

  it("everything appended before the call stands between its bounds", async () => {
    const { log, append } = await open();
    await append(numbered(50));
    const { first, last } = await log.bounds();
    expect(first.id).toBe("event-0");
    expect(last.mark).toBe(true);
    const { records } = await collect(log.read({ from: "first", to: last.offset }));
    expect(idsOf(records.slice(0, 50))).toEqual(idsOf(numbered(50)));
    expect(records.at(-1)).toEqual(last);
  });

  it("a later call finds the end anew", async () => {
    const { log, append } = await open();
    const earlier = await log.bounds();
    await append(numbered(3));
    const later = await log.bounds();
    expect(later.last.offset).toBeGreaterThan(earlier.last.offset + 3);
  });

  it("a call made while another is under way still covers what was appended before it", async () => {
    const { log, append } = await open();
    for (let round = 0; round < 5; round++) {
      const calls = [log.bounds(), log.bounds()];
      await append(numbered(1, `round-${round}`));
      const late = await log.bounds();
      await Promise.all(calls);
      const { records } = await collect(log.read({ from: "first", to: late.last.offset }));
      expect(idsOf(records)).toContain(`round-${round}-0`);
    }
  });

  it("a closed log has no bounds: LogUnavailable", async () => {
    const { log } = await open();
    await log.bounds();
    await log.close();
    await expect(log.bounds()).rejects.toBeInstanceOf(LogUnavailable);
  });
}
