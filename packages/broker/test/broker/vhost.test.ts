import { describe, expect } from "vitest";

import { noConnections } from "../../src/leaks.ts";
import { it } from "../../src/vitest.ts";
import { openConnection } from "../amqp-client.ts";

const DELAYED = "the management API of a broker behind a URL sees connections after a delay";

describe("a vhost", () => {
  it("takes a foreign program's message as it is, bytes and properties", async ({ vhost }) => {
    await vhost.createExchange("events", "topic");
    await vhost.createQueue("all");
    await vhost.bind("events", "all", "#");
    const body = Buffer.from([0, 255, 10, 128]);
    const properties = { message_id: "1", type: "t", headers: { a: 1 }, timestamp: 1_700_000_000 };
    expect(await vhost.publish("events", "a.b", body, properties)).toEqual({ routed: true });
    expect(await vhost.publish("events", "c", "plain")).toEqual({ routed: true });
    const [first, second] = await vhost.get("all", 2);
    expect(first).toMatchObject({ routingKey: "a.b", exchange: "events", properties });
    expect(first?.body.equals(body)).toBe(true);
    expect(second?.properties).toEqual({});
    expect(second?.body.toString()).toBe("plain");
  });

  it("says when a message reached no queue", async ({ vhost }) => {
    await vhost.createExchange("events", "topic");
    expect(await vhost.publish("events", "nobody", "x")).toEqual({ routed: false });
  });

  it("shows what is declared in it, and deletes a stream with what is in it", async ({ vhost }) => {
    await vhost.createExchange("events", "topic");
    await vhost.createQueue("events.log", { arguments: { "x-queue-type": "stream" } });
    await vhost.bind("events", "events.log", "a.*");
    await vhost.publish("events", "a.b", "x");
    expect(await vhost.queue("events.log")).toMatchObject({ type: "stream", durable: true });
    expect(await vhost.bindings()).toContainEqual(
      expect.objectContaining({ source: "events", destination: "events.log", routing_key: "a.*" }),
    );
    await vhost.unbind("events", "events.log", "a.*");
    expect((await vhost.bindings()).filter(({ source }) => source === "events")).toEqual([]);
    expect(await vhost.deleteQueue("events.log")).toBe(true);
    expect(await vhost.queue("events.log")).toBeUndefined();
    expect(await vhost.deleteQueue("events.log")).toBe(false);
  });

  it("applies a policy to its queues", async ({ vhost }) => {
    await vhost.createQueue("short");
    await vhost.putPolicy("cap", "^short$", { "max-length": 1 }, { applyTo: "queues" });
    await expect.poll(async () => (await vhost.queue("short"))?.policy, { timeout: 15_000 }).toBe("cap");
    for (const text of ["a", "b"]) await vhost.publish("", "short", text);
    expect((await vhost.get("short", 5)).map(({ body }) => body.toString())).toEqual(["b"]);
  });

  it("gives a user that may do only what it was allowed, and takes it away with itself", async ({ broker }) => {
    const vhost = await broker.createVhost("permissions");
    const { amqpUrl, username } = await vhost.user({ configure: "^$", write: "^events$", read: "^$" });
    const connection = await openConnection(amqpUrl, "limited");
    await expect
      .poll(async () => vhost.connections(), { timeout: 10_000 })
      .toMatchObject([{ name: "limited", user: username, vhost: vhost.name }]);
    const elsewhere = new URL(amqpUrl);
    elsewhere.pathname = "/%2F";
    await expect(openConnection(elsewhere.href, "elsewhere")).rejects.toThrow(/NOT_ALLOWED|ACCESS_REFUSED/);
    await vhost.remove();
    await connection.closed;
    await expect(openConnection(amqpUrl, "after")).rejects.toThrow(/ACCESS_REFUSED|ECONNRESET|closed without a word/);
  });
});

describe("connections", () => {
  it("are seen at once, and closed by name while the others stay", async ({ broker, vhost, skip }) => {
    skip(broker.kind === "url", DELAYED);
    const connections = await Promise.all(
      ["gateway publish", "gateway consume", "other"].map(async (name) => openConnection(vhost.amqpUrl, name)),
    );
    const [publish, consume, other] = connections;
    expect((await vhost.connections()).map(({ name }) => name).sort()).toEqual([
      "gateway consume",
      "gateway publish",
      "other",
    ]);
    expect(await vhost.closeConnections({ name: /^gateway/ })).toBe(2);
    expect(await publish?.closed).toContain("closed by a test");
    expect(await consume?.closed).toContain("closed by a test");
    expect(other?.isOpen).toBe(true);
    expect(await vhost.closeConnections()).toBe(1);
    await other?.closed;
    expect(await vhost.closeConnections()).toBe(0);
  });

  it("of other vhosts are left alone", async ({ broker, vhost }) => {
    const neighbour = await broker.createVhost("neighbour");
    const connection = await openConnection(neighbour.amqpUrl, "neighbour");
    expect(await vhost.connections()).toEqual([]);
    expect(await vhost.closeConnections()).toBe(0);
    expect(connection.isOpen).toBe(true);
    connection.end();
    await noConnections(neighbour);
    await neighbour.remove();
  });

  it("left open after a test are named", async ({ broker, vhost, skip }) => {
    skip(broker.kind === "url", DELAYED);
    const connection = await openConnection(vhost.amqpUrl, "forgotten");
    await expect(noConnections(vhost, 0)).rejects.toThrow("the test left connections open: forgotten");
    connection.end();
    await noConnections(vhost);
  });
});
