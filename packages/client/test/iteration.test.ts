import { describe, expect, it } from "vitest";

import { heard, reaches, stage, until } from "./proof.ts";

describe("a loop over events", () => {
  it("gets every event in order, and ends without an error when its signal aborts", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const abort = new AbortController();
    await reaches(client, "live");
    const events = client.events({ signal: abort.signal });
    for (let i = 0; i < 5; i++) gateway.append(i);
    const data: unknown[] = [];
    for await (const event of events) {
      data.push(event.data);
      expect(event.type).toBe("said");
      if (data.length === 5) abort.abort();
    }
    expect(data).toEqual([0, 1, 2, 3, 4]);
  });

  it("holds the position until it asks for the next event", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    const events = client.events();
    const before = client.position;
    const first = gateway.append(1);
    const second = gateway.append(2);
    await until(() => expect(client.stats.received).toBe(2));
    expect(client.position).toBe(before);
    await events.next();
    expect(client.position).toBe(before);
    await events.next();
    expect(client.position).toBe(first);
    void events.next();
    expect(client.position).toBe(second);
  });

  it("that is left has not applied the event in hand, so the next run gets it again", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    const events = client.events();
    const first = gateway.append(1);
    gateway.append(2);
    gateway.append(3);
    await until(() => expect(client.stats.received).toBe(3));
    for await (const { data } of events) if (data === 2) break;
    expect(client.position).toBe(first);
    await client.close();
    expect(client.position).toBe(first);
  });

  it("slower than the events loses none of them: the client pauses, and resumes from the log", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const states: string[] = [];
    client.onState((state) => states.push(state));
    const listened = heard(client);
    await reaches(client, "live");
    const events = client.events({ buffer: 4 });
    const published = Array.from({ length: 20 }, (_, i) => i);
    for (const i of published) gateway.append(i);
    await reaches(client, "paused");
    expect(client.stats.received).toBe(4);
    expect(gateway.seats.size).toBeLessThanOrEqual(1);
    const data: unknown[] = [];
    for await (const event of events) {
      data.push(event.data);
      await new Promise((resolve) => setImmediate(resolve));
      if (data.length === 20) break;
    }
    expect(data).toEqual(published);
    expect(listened).toEqual(published);
    expect(client.stats.repeats).toBe(0);
    expect(states).toContain("paused");
  });

  it("may publish and subscribe, and wait for the answers, while its own buffer has the client paused", async () => {
    const { gateway, join } = await stage();
    const client = join({ topics: ["said"] });
    await reaches(client, "live");
    const events = client.events({ buffer: 2 });
    const published = Array.from({ length: 12 }, (_, i) => i);
    for (const i of published) gateway.append(i, { topic: "said" });
    await reaches(client, "paused");
    await client.subscribe(["more"]);
    const data: unknown[] = [];
    for await (const event of events) {
      data.push(event.data);
      await client.publish("answered", event.data, { topic: "elsewhere" });
      if (data.length === 12) break;
    }
    expect(data).toEqual(published);
    expect(client.stats).toMatchObject({ repeats: 0, healings: 0 });
    expect(gateway.log.slice(12)).toEqual(published);
    expect(client.topics).toEqual(["said", "more"]);
  });

  it("that is left lets a paused client go on", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const listened = heard(client);
    await reaches(client, "live");
    const events = client.events({ buffer: 1 });
    gateway.append(1);
    gateway.append(2);
    await reaches(client, "paused");
    await events.return();
    await until(() => expect(listened).toEqual([1, 2]));
  });

  it("does not hold up another loop, and the slowest one holds the position", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    const slow = client.events();
    const quick = client.events();
    const before = client.position;
    gateway.append(1);
    const second = gateway.append(2);
    await until(() => expect(client.stats.received).toBe(2));
    await quick.next();
    await quick.next();
    void quick.next();
    expect(client.position).toBe(before);
    await slow.next();
    await slow.next();
    void slow.next();
    expect(client.position).toBe(second);
  });

  it("ends when the client is closed, also while it waits", async () => {
    const { join } = await stage();
    const client = join();
    const waiting = client.events().next();
    await client.close();
    expect(await waiting).toEqual({ done: true, value: undefined });
    expect(await client.events().next()).toEqual({ done: true, value: undefined });
  });

  it("throws, after what it has, when the gateway refuses the client for good", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    const events = client.events();
    gateway.append("last");
    await until(() => expect(client.stats.received).toBe(1));
    gateway.script.refuse = () => ({ code: "AUTH_INVALID", message: "Expired.", retryable: false });
    gateway.cut();
    await reaches(client, "refused");
    expect((await events.next()).value).toMatchObject({ data: "last" });
    await expect(events.next()).rejects.toMatchObject({ code: "AUTH_INVALID" });
    expect(await events.next()).toEqual({ done: true, value: undefined });
    await expect(client.events().next()).rejects.toMatchObject({ code: "AUTH_INVALID" });
  });

  it("refuses a buffer of nothing", async () => {
    const { join } = await stage();
    expect(() => join().events({ buffer: 0 })).toThrow("buffer: expected a number of at least 1, got 0");
  });
});
