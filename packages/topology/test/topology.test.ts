import { expect, test } from "vitest";
import { eventLogTopology, logName, mergeTopologies, TopologyConflict, type Topology } from "../src/index.ts";

const chat = eventLogTopology({ exchange: "chat", log: { maxAge: "7D" } });
const github = eventLogTopology({ exchange: "github", declareExchange: false, log: { maxBytes: 1_000_000 } });

test("a log is a stream bound to its exchange for everything, and to the marks by its own name", () => {
  expect(chat).toEqual({
    exchanges: [
      { name: "chat", type: "topic", declare: true },
      { name: "warren.marks", type: "direct", declare: true },
    ],
    queues: [{ queueType: "stream", name: "chat.log", maxAge: "7D" }],
    bindings: [
      { exchange: "chat", queue: "chat.log", pattern: "#" },
      { exchange: "warren.marks", queue: "chat.log", pattern: "chat.log" },
    ],
  });
  expect(logName("chat")).toBe("chat.log");
});

test("a log on somebody else's exchange does not declare it", () => {
  expect(github.exchanges[0]).toEqual({ name: "github", type: "topic", declare: false });
});

test("merged topologies hold each thing once, in order", () => {
  const merged = mergeTopologies(chat, github, chat);
  expect(merged.exchanges.map(({ name }) => name)).toEqual(["chat", "warren.marks", "github"]);
  expect(merged.queues.map(({ name }) => name)).toEqual(["chat.log", "github.log"]);
  expect(merged.bindings).toHaveLength(4);
  expect(mergeTopologies()).toEqual({ exchanges: [], queues: [], bindings: [] });
});

test("merging is the same whatever the order of a spec's keys, and whether an option is absent or undefined", () => {
  const one: Topology = { exchanges: [{ name: "a", type: "topic" }], queues: [], bindings: [] };
  const other = { exchanges: [{ declare: undefined, type: "topic", name: "a" }], queues: [], bindings: [] };
  expect(mergeTopologies(one, other as unknown as Topology).exchanges).toHaveLength(1);
});

test("two logs of one exchange that keep different amounts are refused, both named", () => {
  const other = eventLogTopology({ exchange: "chat", log: { maxAge: "3D" } });
  expect(() => mergeTopologies(chat, other)).toThrow(TopologyConflict);
  expect(() => mergeTopologies(chat, other)).toThrow(/queue "chat\.log" is described twice: .*7D.*3D/);
});
