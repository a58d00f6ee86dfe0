import { describe, expect, it } from "vitest";
import { EntryList } from "../src/deliveries/entry-list.ts";
import type { NewEntry } from "../src/deliveries/entry.ts";

function delivery(text = "{}"): NewEntry {
  return {
    kind: "delivery",
    at: 1,
    event: "push",
    action: undefined,
    place: "octocat/hello-world",
    summary: "",
    replayed: false,
    meta: { topic: "t", position: "1" },
    body: { kind: "json", text, size: text.length },
  };
}

function bodies(list: EntryList): boolean[] {
  return Array.from({ length: list.length }, (_, i) => {
    const row = list.newest(i);
    return row?.kind === "delivery" && row.body !== undefined;
  });
}

describe("EntryList", () => {
  it("keeps rows in order of arrival, the newest first to be asked for", () => {
    const list = new EntryList();
    const keys = [1, 2, 3].map(() => list.add(delivery()).key);
    expect(keys).toEqual([0, 1, 2]);
    expect([0, 1, 2, 3, -1].map((i) => list.newest(i)?.key)).toEqual([2, 1, 0, undefined, undefined]);
  });

  it("puts a gap between the rows it happened between", () => {
    const list = new EntryList();
    list.add(delivery());
    list.add({ kind: "gap", at: 1, gap: { from: "1", to: "9", reason: "retention" } });
    list.add(delivery());
    expect([2, 1, 0].map((i) => list.newest(i)?.kind)).toEqual(["delivery", "gap", "delivery"]);
  });

  it("lets the oldest go past its bound, and still finds every row it has by its key", () => {
    const list = new EntryList({ rows: 100 });
    for (let i = 0; i < 5000; i++) list.add(delivery());
    expect(list.length).toBe(100);
    expect(list.dropped).toBe(4900);
    for (let key = 4900; key < 5000; key++) expect(list.newest(list.indexOf(key))?.key).toBe(key);
    expect([4899, 5000, -1].map((key) => list.indexOf(key))).toEqual([-1, -1, -1]);
    expect(list.find(4899)).toBeUndefined();
  });

  it("lets the bodies of the oldest go past their bound, and keeps their rows", () => {
    const list = new EntryList({ bodyCharacters: 25 });
    for (let i = 0; i < 4; i++) list.add(delivery("x".repeat(10)));
    expect(list.length).toBe(4);
    expect(bodies(list)).toEqual([true, true, false, false]);
  });

  it("keeps the newest body even where it alone is over the bound", () => {
    const list = new EntryList({ bodyCharacters: 25 });
    list.add(delivery("x".repeat(10)));
    list.add(delivery("x".repeat(90)));
    expect(bodies(list)).toEqual([true, false]);
    list.add(delivery("x".repeat(10)));
    expect(bodies(list)).toEqual([true, false, false]);
  });

  it("counts the bodies that left with their rows", () => {
    const list = new EntryList({ rows: 2, bodyCharacters: 20 });
    for (let i = 0; i < 3000; i++) list.add(delivery("x".repeat(10)));
    expect(bodies(list)).toEqual([true, true]);
  });

  it("is empty after clearing, and gives no key twice", () => {
    const list = new EntryList();
    for (let i = 0; i < 3; i++) list.add(delivery());
    list.clear();
    expect(list.length).toBe(0);
    expect(list.find(2)).toBeUndefined();
    expect(list.add(delivery()).key).toBe(3);
    expect(bodies(list)).toEqual([true]);
  });
});
