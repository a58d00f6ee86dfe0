import { describe, expect, it } from "vitest";
import { after, before, type Position } from "@warren/events";
import type { LogRecord } from "@warren/event-log";
import { judge, stands } from "../src/position-proof.ts";

function record(offset: number, check = `0000000${offset}`.slice(-8)): LogRecord {
  return {
    offset,
    check,
    topic: "a",
    body: Buffer.alloc(0),
    id: undefined,
    type: undefined,
    contentType: undefined,
    contentEncoding: undefined,
    time: undefined,
    headers: {},
    mark: false,
  };
}

describe("a position against what was found", () => {
  it("stands where its own record stands, or any at its number when it has nothing to prove", () => {
    expect(stands(after(5, "00000005"), record(5))).toBe(true);
    expect(stands(before(5, "00000005"), record(5))).toBe(true);
    expect(stands(before(5), record(5))).toBe(true);
    expect(stands(after(5, "ffffffff"), record(5))).toBe(false);
    expect(stands(after(5, "00000006"), record(6))).toBe(false);
    expect(stands(before(5), record(6))).toBe(false);
  });

  const gap = (reason: "retention" | "reset", from: Position, to: LogRecord) => ({
    found: "gap",
    reason,
    from,
    to: before(to.offset, to.check),
  });

  it("retention: what comes next is later, and nothing older is left", () => {
    for (const from of [after(5, "00000005"), before(5, "00000005"), before(5), before(0)]) {
      expect(judge(from, record(9), record(9))).toEqual(gap("retention", from, record(9)));
    }
  });

  it("retention that moves on while it is looked at goes on from what was found", () => {
    const from = after(5, "00000005");
    expect(judge(from, record(9), record(20))).toEqual(gap("retention", from, record(9)));
  });

  it("reset: another record stands there, or the record is gone while older ones are left", () => {
    const from = after(5, "ffffffff");
    expect(judge(from, record(5), record(0))).toEqual(gap("reset", from, record(0)));
    expect(judge(from, record(9), record(2))).toEqual(gap("reset", from, record(2)));
  });

  it("reset: the log ends before the position, proved or not", () => {
    for (const from of [after(50, "0000004f"), before(50)]) {
      expect(judge(from, undefined, record(0))).toEqual(gap("reset", from, record(0)));
    }
  });

  it("a typed number between two records is exact", () => {
    expect(judge(before(5), record(6), record(0))).toEqual({ found: "exact" });
  });
});
