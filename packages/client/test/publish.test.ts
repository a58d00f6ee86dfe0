import { describe, expect, it } from "vitest";

import { PublishRefused } from "../src/index.ts";
import { heard, reaches, stage, until } from "./proof.ts";

const refusal = { code: "BUFFER_FULL", message: "Too much waits.", retryable: true } as const;

describe("a publish", () => {
  it("resolves with its id once the gateway says ok, and travels with type, topic and headers", async () => {
    const { gateway, join } = await stage();
    const client = join<{ "chat message": string }>();
    const { id } = await client.publish("chat message", "hello", { topic: "general", headers: { a: 1 } });
    expect(gateway.attempts).toEqual([{ data: "hello", options: { id, topic: "general", headers: { a: 1 } } }]);
    expect(id).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("is sent again with the same id when its ack is lost, and is published once", async () => {
    const { gateway, join } = await stage();
    const client = join({ ackTimeoutMs: 50 });
    gateway.script.publish = (_, attempt) => (attempt === 1 ? "lose-ack" : undefined);
    const { id } = await client.publish("said", "hello");
    expect(gateway.attempts.length).toBeGreaterThan(1);
    expect(new Set(gateway.attempts.map(({ options }) => options.id))).toEqual(new Set([id]));
    expect(gateway.log).toEqual(["hello"]);
    expect(client.stats.publishing).toEqual({ waiting: 0, bytes: 0, retried: gateway.attempts.length - 1 });
  });

  it("is sent again while the refusal is retryable, no sooner than the gateway asked", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const times: number[] = [];
    gateway.script.publish = (_, attempt) => {
      times.push(performance.now());
      return attempt < 3 ? { ...refusal, retryAfterMs: 40 } : undefined;
    };
    await client.publish("said", "hello");
    expect(times.length).toBe(3);
    // A timer may fire within its own millisecond.
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(39);
  });

  it("rejects once with PublishRefused when it is refused for good, and the next one goes on", async () => {
    const { gateway, join } = await stage();
    const client = join();
    gateway.script.publish = (data) =>
      data === "bad" ? { code: "TOPIC_INVALID", message: "No topic.", retryable: false } : undefined;
    const bad = client.publish("said", "bad", { id: "b1" });
    const good = client.publish("said", "good");
    await expect(bad).rejects.toMatchObject({
      name: "PublishRefused",
      code: "TOPIC_INVALID",
      message: "No topic.",
      retryable: false,
      id: "b1",
    });
    await good;
    expect(gateway.attempts.length).toBe(2);
  });

  it("waits while the client is away, and survives lost connections, in the order of the calls", async () => {
    const { gateway, join } = await stage();
    const client = join({ autoConnect: false, ackTimeoutMs: 50 });
    const publishes = Array.from({ length: 30 }, (_, i) => client.publish("said", i));
    expect(client.stats.publishing.waiting).toBe(30);
    gateway.script.publish = (data, attempt) => {
      if (attempt % 7 === 0) gateway.cut();
      if (attempt % 5 === 0) return "lose-ack";
      return data === 11 && attempt < 20 ? refusal : undefined;
    };
    client.reconnect();
    await Promise.all(publishes);
    expect(gateway.log).toEqual(Array.from({ length: 30 }, (_, i) => i));
    expect(client.stats.connections).toBeGreaterThan(3);
  });

  it("waits for the one before it, unless a larger window is asked for", async () => {
    const { gateway, join } = await stage();
    gateway.script.publish = () => "ignore";
    const strict = join();
    const wide = join({ publishWindow: 3 });
    const abort = new AbortController();
    const sent = [strict, wide].flatMap((client, i) =>
      Array.from({ length: 5 }, (_, j) => client.publish("said", i * 10 + j, { signal: abort.signal })),
    );
    await until(() => expect(gateway.attempts.length).toBe(4));
    await Promise.all([reaches(strict, "live"), reaches(wide, "live")]);
    expect(gateway.attempts.map(({ data }) => Number(data)).sort((a, b) => a - b)).toEqual([0, 10, 11, 12]);
    abort.abort();
    await Promise.allSettled(sent);
  });

  it("is refused with BUFFER_FULL past the bounds of what may wait, by count and by bytes", async () => {
    const { join } = await stage();
    const client = join({ autoConnect: false, maxWaiting: 2, maxWaitingBytes: 100 });
    const waiting = client.publish("said", "x".repeat(80));
    const full = { code: "BUFFER_FULL", retryable: true };
    await expect(client.publish("said", "x".repeat(80))).rejects.toMatchObject(full);
    const small = client.publish("said", "y");
    await expect(client.publish("said", "z")).rejects.toMatchObject(full);
    expect(client.stats.publishing).toMatchObject({ waiting: 2, bytes: 85 });
    const closed = Promise.allSettled([waiting, small]);
    await client.close();
    expect((await closed).map((result) => result.status)).toEqual(["rejected", "rejected"]);
  });

  it("rejects with CLOSED when the client is closed with it, and ever after", async () => {
    const { join } = await stage();
    const client = join({ autoConnect: false });
    const [waiting] = await Promise.allSettled([client.publish("said", "hello"), client.close()]);
    expect(waiting).toMatchObject({ status: "rejected", reason: { code: "CLOSED" } });
    await expect(client.publish("said", "hello")).rejects.toBeInstanceOf(PublishRefused);
  });

  it("rejects with the signal's reason when that aborts, and lets the next one by", async () => {
    const { gateway, join } = await stage();
    const client = join();
    gateway.script.publish = (data) => (data === "stuck" ? "ignore" : undefined);
    const abort = new AbortController();
    const stuck = client.publish("said", "stuck", { signal: abort.signal });
    const next = client.publish("said", "next");
    await until(() => expect(gateway.attempts.length).toBe(1));
    abort.abort(new Error("enough"));
    await expect(stuck).rejects.toThrow("enough");
    await next;
    await expect(client.publish("said", "late", { signal: abort.signal })).rejects.toThrow("enough");
  });

  it("sends what the data was at the call, whatever becomes of it meanwhile", async () => {
    const { gateway, join } = await stage();
    const client = join({ autoConnect: false });
    const message = { text: "first" };
    const bytes = new Uint8Array([1, 2, 3]);
    const publishes = [client.publish("said", message), client.publish("said", bytes)];
    message.text = "second";
    bytes.fill(9);
    client.reconnect();
    await Promise.all(publishes);
    expect(gateway.log).toEqual([{ text: "first" }, Buffer.from([1, 2, 3])]);
  });

  it("refuses at once a reserved name, and data that is no JSON", async () => {
    const { gateway, join } = await stage();
    const client = join();
    for (const name of ["disconnect", "warren:ready"]) {
      await expect(client.publish(name, 1)).rejects.toMatchObject({ code: "EVENT_RESERVED", retryable: false });
    }
    await expect(client.publish("said", 1n)).rejects.toMatchObject({ code: "PAYLOAD_INVALID", retryable: false });
    expect(gateway.attempts).toEqual([]);
  });

  it("is refused when the peer's ack is none that a gateway gives", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    gateway.seats.forEach(({ socket }) => {
      socket.removeAllListeners();
      socket.offAny();
      socket.onAny((_type, _data, _options, ack: (answer: unknown) => void) => ack("ok"));
    });
    await expect(client.publish("said", 1)).rejects.toMatchObject({ code: "PROTOCOL_VIOLATION" });
  });

  it("comes back to its own publisher as an event, like anyone's", async () => {
    const { join } = await stage();
    const client = join();
    const data = heard(client);
    await reaches(client, "live");
    await client.publish("said", "hello");
    await until(() => expect(data).toEqual(["hello"]));
  });
});
