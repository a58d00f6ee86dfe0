import { describe, expect, test } from "vitest";

import { fullJitterMs, waitMs } from "../src/backoff.ts";
import { Backfill } from "../src/backfill.ts";
import { Cursor } from "../src/cursor.ts";
import { messageId } from "../src/message-id.ts";

describe("the wait before the next try", () => {
  const backoff = { initialMs: 100, maxMs: 1_000 };

  test("is anything from nothing to a bound that doubles up to its maximum", () => {
    expect([0, 1, 2, 3, 4, 5_000].map((attempt) => fullJitterMs(backoff, attempt, () => 1))).toEqual([
      100, 200, 400, 800, 1_000, 1_000,
    ]);
    expect(fullJitterMs(backoff, 3, () => 0)).toBe(0);
    expect(fullJitterMs(backoff, 3, () => 0.5)).toBe(400);
  });

  test("is what the gateway asked for, within reason", () => {
    expect(waitMs(backoff, 0, 7_000)).toBe(7_000);
    expect(waitMs(backoff, 0, 1e12)).toBe(600_000);
    expect(waitMs(backoff, 0, -1)).toBeLessThanOrEqual(100);
    expect(waitMs(backoff, 0, Number.NaN)).toBeLessThanOrEqual(100);
  });
});

describe("a message id", () => {
  test("is a UUID where the browser has no randomUUID, as on pages served over plain HTTP", () => {
    const random = { getRandomValues: crypto.getRandomValues.bind(crypto) };
    const ids = Array.from({ length: 100 }, () => messageId(random));
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    expect(new Set(ids).size).toBe(100);
  });
});

describe("a backfill", () => {
  test("takes each event once, and goes on from the last one", () => {
    const backfill = new Backfill("first");
    expect(backfill.position).toBe("first");
    expect(backfill.judge("4-0000000a")).toBe("next");
    backfill.reach("4-0000000a");
    expect(backfill.position).toBe("4-0000000a");
    expect(backfill.judge("4-0000000a")).toBe("repeat");
    expect(backfill.judge("6-0000000b")).toBe("next");
  });
});

describe("the cursor", () => {
  const at = (position: string, previous?: string) =>
    previous === undefined ? { topic: "t", position } : { topic: "t", position, previous };
  const standing = (position: string) => {
    const cursor = new Cursor();
    cursor.advance(position);
    return cursor;
  };

  test("takes the record it stands before, and not the one it stands after", () => {
    expect(standing("<5-0000000a").judge(at("5-0000000a"))).toBe("next");
    expect(standing("5-0000000a").judge(at("5-0000000a"))).toBe("repeat");
    expect(standing("5-0000000a").judge(at("4-0000000a"))).toBe("repeat");
  });

  test("finds a loss where `previous` is newer than what it holds, only there", () => {
    expect(standing("5-0000000a").judge(at("9-0000000b", "5-0000000a"))).toBe("next");
    expect(standing("5-0000000a").judge(at("9-0000000b", "3-0000000a"))).toBe("next");
    expect(standing("5-0000000a").judge(at("9-0000000b"))).toBe("next");
    expect(standing("5-0000000a").judge(at("9-0000000b", "6-0000000c"))).toBe("loss");
  });

  test("excuses a `previous` from before patterns were added, until the log is another one", () => {
    const cursor = standing("5-0000000a");
    cursor.excuse("7-0000000c");
    expect(cursor.judge(at("9-0000000b", "7-0000000c"))).toBe("next");
    expect(cursor.judge(at("9-0000000b", "8-0000000c"))).toBe("loss");
    cursor.reset("<0");
    expect(cursor.judge(at("9-0000000b", "7-0000000c"))).toBe("loss");
  });

  test("takes what it cannot read rather than lose it", () => {
    expect(standing("5-0000000a").judge(at("v2:opaque", "v2:other"))).toBe("next");
    expect(standing("v2:opaque").judge(at("5-0000000a", "4-0000000a"))).toBe("next");
    expect(new Cursor().judge(at("5-0000000a", "4-0000000a"))).toBe("next");
  });
});
