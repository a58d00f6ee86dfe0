import { describe, expect, it } from "vitest";

import { heard, reaches, stage, until } from "./proof.ts";

describe("subscriptions", () => {
  it("are added and removed on a live connection, and follow to the next one", async () => {
    const { gateway, join } = await stage();
    const client = join({ topics: ["a"] });
    const data = heard(client);
    await reaches(client, "live");
    gateway.append("b before", { topic: "b" });
    await client.subscribe(["b", "c"]);
    await client.unsubscribe(["a"]);
    expect(client.topics).toEqual(["b", "c"]);
    gateway.append("a", { topic: "a" });
    gateway.append("b", { topic: "b" });
    await until(() => expect(data).toEqual(["b"]));
    gateway.cut();
    gateway.append("c", { topic: "c" });
    await until(() => expect(data).toEqual(["b", "c"]));
    expect(gateway.handshakes[1]?.topics).toEqual(["b", "c"]);
    expect(client.stats.healings).toBe(0);
  });

  it("build on the namespace's own topics where none were asked for", async () => {
    const { gateway, join } = await stage();
    const client = join({ topics: undefined });
    await reaches(client, "live");
    expect(gateway.handshakes[0]).not.toHaveProperty("topics");
    expect(client.topics).toEqual(["#"]);
    await client.subscribe(["b"]);
    expect(client.topics).toEqual(["#", "b"]);
  });

  it("made while away take effect with the next connection", async () => {
    const { gateway, join } = await stage();
    const client = join({ topics: [], autoConnect: false });
    const data = heard(client);
    const subscribed = client.subscribe(["a"]);
    client.reconnect();
    await subscribed;
    gateway.append(1, { topic: "a" });
    await until(() => expect(data).toEqual([1]));
  });

  it("with a position bring the past of the new patterns only, and leave the client's position alone", async () => {
    const { gateway, join } = await stage();
    const start = gateway.append("b0", { topic: "b" });
    gateway.append("a1", { topic: "a" });
    gateway.append("b1", { topic: "b" });
    const client = join({ topics: ["a"], from: "first" });
    const data = heard(client);
    const last = gateway.append("a2", { topic: "a" });
    await reaches(client, "live");
    await until(() => expect(data).toEqual(["a1", "a2"]));
    await client.subscribe(["b"], { position: start });
    expect(data).toEqual(["a1", "a2", "b1"]);
    expect(client.position).toBe(last);
    gateway.append("b2", { topic: "b" });
    await until(() => expect(data.at(-1)).toBe("b2"));
    expect(client.stats).toMatchObject({ repeats: 0, healings: 0 });
  });

  it("with a position that are interrupted go on where the past had come to, without a repeat", async () => {
    const { gateway, join } = await stage();
    for (let i = 0; i < 6; i++) gateway.append(i, { topic: "b" });
    const client = join({ topics: ["a"] });
    const data = heard(client);
    client.onAny((_, datum) => {
      if (datum !== 2) return;
      client.disconnect();
      client.reconnect();
    });
    await reaches(client, "live");
    const asked: unknown[] = [];
    gateway.script.subscribe = ({ position }) => void asked.push(position);
    await client.subscribe(["b"], { position: "<0" });
    expect(data).toEqual([0, 1, 2, 3, 4, 5]);
    expect(client.stats).toMatchObject({ connections: 2, repeats: 0 });
    expect(asked).toEqual(["<0", "2-01000002"]);
  });

  it("that get no answer start over on another connection", async () => {
    const { gateway, join } = await stage();
    const client = join({ topics: [], ackTimeoutMs: 50 });
    gateway.script.subscribe = (_, connection) => (connection === 1 ? "ignore" : undefined);
    await client.subscribe(["a"]);
    expect(client.stats.connections).toBeGreaterThan(1);
    expect(client.topics).toEqual(["a"]);
  });

  it("reject when the client is closed first", async () => {
    const { join } = await stage();
    const client = join({ autoConnect: false });
    const [waiting] = await Promise.allSettled([client.subscribe(["a"]), client.close()]);
    expect(waiting).toMatchObject({ status: "rejected", reason: { code: "CLOSED" } });
    await expect(client.unsubscribe(["a"])).rejects.toMatchObject({ code: "CLOSED" });
  });
});
