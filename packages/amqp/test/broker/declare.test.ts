import { eventLogTopology, type Topology } from "@warren/topology";
import { expect } from "vitest";
import { declareTopology, TopologyError } from "../../src/index.ts";
import { it } from "./wire.ts";

const chat = (log: { maxAge?: string; maxBytes?: number }): Topology => eventLogTopology({ exchange: "chat", log });

it("a topology declared twice is there once, as described", async ({ vhost, wire }) => {
  const connection = await wire.connect();
  const topology = chat({ maxAge: "7D", maxBytes: 20_000_000 });
  await declareTopology(connection, topology);
  await declareTopology(connection, topology);
  expect(await vhost.queue("chat.log")).toMatchObject({
    durable: true,
    arguments: { "x-queue-type": "stream", "x-max-age": "7D", "x-max-length-bytes": 20_000_000 },
  });
  const own = (await vhost.bindings()).filter(({ source }) => source !== "");
  expect(own.map(({ source, destination, routing_key }) => `${source} ${destination} ${routing_key}`).sort()).toEqual([
    "chat chat.log #",
    "warren.marks chat.log chat.log",
  ]);
});

it("every kind of queue can be declared", async ({ vhost, wire }) => {
  await declareTopology(await wire.connect(), {
    exchanges: [
      { name: "dead", type: "fanout" },
      { name: "in", type: "direct", alternateExchange: "dead" },
    ],
    queues: [
      { queueType: "classic", name: "c", maxPriority: 3, messageTtlMs: 1_000, overflow: "reject-publish" },
      {
        queueType: "quorum",
        name: "q",
        deliveryLimit: 5,
        deadLetterExchange: "dead",
        deadLetterStrategy: "at-most-once",
      },
      { queueType: "quorum", name: "u", deliveryLimit: "unlimited", consumerTimeoutMs: 3_600_000 },
      { queueType: "stream", name: "s", segmentBytes: 1_000_000, filterSizeBytes: 32 },
    ],
    bindings: [{ exchange: "in", queue: "c", pattern: "k" }],
  });
  expect((await vhost.queues()).map(({ name }) => name).sort()).toEqual(["c", "q", "s", "u"]);
});

it("what exists otherwise is named with what differs and what to do, the rest is declared, and nothing is deleted", async ({
  vhost,
  wire,
}) => {
  const connection = await wire.connect();
  await declareTopology(connection, chat({ maxAge: "3D" }));
  await vhost.createExchange("alerts", "fanout");
  const wanted: Topology = {
    exchanges: [{ name: "alerts", type: "topic" }, ...chat({}).exchanges, { name: "new", type: "topic" }],
    queues: [...chat({ maxAge: "7D" }).queues, { queueType: "classic", name: "fresh" }],
    bindings: [
      { exchange: "alerts", queue: "fresh", pattern: "#" },
      { exchange: "new", queue: "fresh", pattern: "#" },
    ],
  };
  const error: unknown = await declareTopology(connection, wanted).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(TopologyError);
  const { failures, message } = error as TopologyError;
  expect(failures.map(({ kind, name, code }) => [kind, name, code])).toEqual([
    ["exchange", "alerts", "DIFFERS"],
    ["queue", "chat.log", "DIFFERS"],
  ]);
  expect(message).toMatch(/exchange "alerts" exists with type=fanout, the configuration asks for topic: /);
  expect(message).toMatch(
    /stream "chat\.log" exists with x-max-age=3D, the configuration asks for 7D: .*policy.*delete/,
  );
  expect((await vhost.queue("chat.log"))?.arguments).toMatchObject({ "x-max-age": "3D" });
  expect((await vhost.exchanges()).find(({ name }) => name === "alerts")?.type).toBe("fanout");
  const bound = (await vhost.bindings()).filter(({ destination, source }) => destination === "fresh" && source !== "");
  expect(bound.map(({ source }) => source)).toEqual(["new"]);
});

it("an argument that only one side has is named as such", async ({ wire }) => {
  const connection = await wire.connect();
  await declareTopology(connection, chat({ maxAge: "3D" }));
  await expect(declareTopology(connection, chat({}))).rejects.toThrow(
    /exists with x-max-age=3D, the configuration asks for no x-max-age/,
  );
  await expect(declareTopology(connection, chat({ maxAge: "3D", maxBytes: 5 }))).rejects.toThrow(
    /exists with no x-max-length-bytes, the configuration asks for 5/,
  );
});

it("an exchange that is somebody else's is looked for, not made", async ({ vhost, wire }) => {
  const connection = await wire.connect();
  const topology = eventLogTopology({ exchange: "theirs", declareExchange: false, log: {} });
  await expect(declareTopology(connection, topology)).rejects.toMatchObject({
    failures: [{ kind: "exchange", name: "theirs", code: "MISSING" }],
  });
  expect((await vhost.exchanges()).map(({ name }) => name)).not.toContain("theirs");
  await vhost.createExchange("theirs", "headers");
  await declareTopology(connection, topology);
  expect((await vhost.exchanges()).find(({ name }) => name === "theirs")?.type).toBe("headers");
});

it("a missing permission is named", async ({ vhost, wire }) => {
  await vhost.createExchange("chat", "topic");
  const { amqpUrl: url } = await vhost.user({ configure: "^warren" });
  const error: unknown = await declareTopology(await wire.connect({ url }), chat({})).catch(
    (thrown: unknown) => thrown,
  );
  expect((error as TopologyError).failures).toMatchObject([
    { kind: "exchange", name: "chat", code: "PERMISSION", message: expect.stringContaining("configure") as string },
    { kind: "queue", name: "chat.log", code: "PERMISSION", message: expect.stringContaining("configure") as string },
  ]);
});

it("a connection that is closed declares nothing", async ({ wire }) => {
  const connection = await wire.connect();
  await connection.close();
  await expect(declareTopology(connection, chat({}))).rejects.toMatchObject({ code: "CONNECTION_CLOSED" });
});
