import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { KeptPosition } from "../src/connection/kept-position.ts";
import { DeliveryFeed } from "../src/deliveries/delivery-feed.ts";
import { standIns } from "./stand-in-client.ts";

beforeEach(() => {
  vi.stubGlobal("document", { hidden: false });
  vi.stubGlobal("requestAnimationFrame", (callback: () => void) => callback());
  const items = new Map<string, string>();
  vi.stubGlobal("localStorage", {
    getItem: (key: string) => items.get(key) ?? null,
    setItem: (key: string, value: string) => void items.set(key, value),
    removeItem: (key: string) => void items.delete(key),
  });
});

afterEach(() => vi.unstubAllGlobals());

function setUp() {
  const { opened, open } = standIns();
  const kept = new KeptPosition("test");
  const feed = new DeliveryFeed({ url: "http://gateway/github", topics: ["#"], kept, open });
  let at = 0;
  const deliver = (replayed = false) =>
    opened.at(-1)!.options.onEvent("push", {}, { topic: "t", position: `${at++}`, ...(replayed ? { replayed } : {}) });
  const rows = () =>
    Array.from({ length: feed.entries.length }, (_, i) => feed.entries.newest(feed.entries.length - 1 - i)!).map(
      (row) => (row.kind === "mark" ? row.mark : row.kind === "delivery" && row.replayed ? "replayed" : row.kind),
    );
  return { feed, kept, opened, client: opened[0]!, deliver, rows };
}

describe("DeliveryFeed", () => {
  it("marks where it was cut and where it came back, and what was missed as replayed", () => {
    const { feed, client, deliver, rows } = setUp();
    client.options.onState("live");
    deliver();
    feed.line.cut();
    feed.line.restore();
    client.options.onState("replaying");
    deliver(true);
    client.options.onState("live");
    deliver();
    expect(rows()).toEqual(["delivery", "cut", "back", "replayed", "delivery"]);
  });

  it("marks a lost connection once, however often it is tried again", () => {
    const { client, deliver, rows } = setUp();
    client.options.onState("live");
    deliver();
    for (let i = 0; i < 3; i++) client.options.onState("connecting");
    client.options.onState("live");
    expect(rows()).toEqual(["delivery", "lost", "back"]);
  });

  it("puts a gap where it happened", () => {
    const { client, deliver, rows } = setUp();
    client.options.onState("live");
    deliver();
    client.options.onGap({ from: "1", to: "9", reason: "retention" });
    deliver();
    expect(rows()).toEqual(["delivery", "gap", "delivery"]);
  });

  it("leaves an empty list empty, whatever the connection does", () => {
    const { feed, client, rows } = setUp();
    client.options.onState("live");
    feed.line.cut();
    feed.line.restore();
    client.options.onState("live");
    expect(rows()).toEqual([]);
  });

  it("forgets the kept position and keeps the rows", () => {
    const { feed, kept, opened, client, deliver, rows } = setUp();
    client.options.onState("live");
    deliver();
    kept.save("", "1");
    feed.forgetPosition();
    expect(kept.load()).toBeUndefined();
    expect(opened.map(({ options }) => options.from)).toEqual(["now", "now"]);
    opened.at(-1)!.options.onState("live");
    expect(rows()).toEqual(["delivery", "anew"]);
  });

  it("drops the rows when it reads from the first event again", () => {
    const { feed, kept, opened, client, deliver, rows } = setUp();
    client.options.onState("live");
    deliver();
    kept.save("", "1");
    feed.readFromFirst();
    expect(kept.load()).toBeUndefined();
    expect(opened.at(-1)!.options.from).toBe("first");
    deliver(true);
    expect(rows()).toEqual(["replayed"]);
  });
});
