import { describe, expect, it } from "vitest";

import { memoryStore, type ClientGap } from "../src/index.ts";
import { heard, reaches, stage, until } from "./proof.ts";

describe("a client that was cut off", () => {
  it("gets what it missed, once, in order", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const data = heard(client);
    await reaches(client, "live");
    gateway.append(1);
    await until(() => expect(data).toEqual([1]));
    gateway.cut();
    gateway.append(2);
    gateway.append(3);
    await until(() => expect(data).toEqual([1, 2, 3]));
    gateway.append(4);
    await until(() => expect(data).toEqual([1, 2, 3, 4]));
    expect(client.stats.repeats).toBe(0);
  });

  it("gets what it missed through twenty cuts in a stream of events", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const data = heard(client);
    await reaches(client, "live");
    const published: number[] = [];
    for (let cut = 0; cut < 20; cut++) {
      for (let i = 0; i < 10; i++) {
        published.push(published.length);
        gateway.append(published.length - 1);
        if (i === cut % 10) gateway.cut();
      }
      await until(() => expect(client.stats.connections).toBe(cut + 2));
    }
    await until(() => expect(data).toEqual(published));
  });

  it("resumes before its first event from the position of warren:ready", async () => {
    const { gateway, join } = await stage();
    gateway.append("before it came");
    const client = join();
    const data = heard(client);
    await reaches(client, "live");
    const ready = client.position;
    gateway.cut();
    gateway.append("missed");
    await until(() => expect(data).toEqual(["missed"]));
    expect(gateway.handshakes[0]?.position).toBe("now");
    expect(gateway.handshakes[1]?.position).toBe(ready);
  });

  it("comes back by itself when the server ends the connection on purpose", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const data = heard(client);
    await reaches(client, "live");
    gateway.dismiss();
    await until(() => expect(client.stats.connections).toBe(2));
    gateway.append("after");
    await until(() => expect(data).toEqual(["after"]));
  });

  it("keeps its place when a handshake fails half-way", async () => {
    const { gateway, join } = await stage();
    const client = join({ connectTimeoutMs: 100 });
    const data = heard(client);
    await reaches(client, "live");
    const first = gateway.handshakes.length;
    gateway.script.mute = (connection) => connection === first + 1;
    gateway.cut();
    gateway.append("missed");
    await until(() => expect(data).toEqual(["missed"]));
    expect(gateway.handshakes.length).toBeGreaterThan(2);
  });

  it.for(["polling", "websocket"] as const)("resumes over %s alone", async (transport) => {
    const { gateway, join } = await stage();
    const client = join({ socket: { transports: [transport] } });
    const data = heard(client);
    await reaches(client, "live");
    gateway.cut();
    gateway.append("missed");
    await until(() => expect(data).toEqual(["missed"]));
    await client.publish("said", "published");
    await until(() => expect(data).toEqual(["missed", "published"]));
  });

  it("resumes an interrupted replay where it was interrupted", async () => {
    const { gateway, join } = await stage();
    for (let i = 0; i < 10; i++) gateway.append(i);
    const client = join({ from: "first" });
    const data = heard(client);
    client.onAny((_, datum) => {
      if (datum !== 4) return;
      client.disconnect();
      client.reconnect();
    });
    await until(() => expect(data).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    expect(gateway.handshakes.length).toBe(2);
    expect(client.stats.repeats).toBe(0);
  });
});

describe("the position", () => {
  it("moves once the listeners have returned, not before", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    const seen: unknown[] = [];
    client.onAny(() => seen.push(client.position));
    const before = client.position;
    const first = gateway.append(1);
    await until(() => expect(client.position).toBe(first));
    expect(seen).toEqual([before]);
  });

  it("follows warren:position and warren:caught-up, and never goes back", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    gateway.emit("warren:position", { position: "40-00000040" });
    await until(() => expect(client.position).toBe("40-00000040"));
    gateway.emit("warren:caught-up", { position: "50-00000050" });
    gateway.emit("warren:position", { position: "45-00000045" });
    gateway.emit("warren:position", { position: "51-00000051" });
    await until(() => expect(client.position).toBe("51-00000051"));
  });

  it("goes on from the end of a gap, and a reset gap may lead back", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const gaps: ClientGap[] = [];
    client.onGap((gap) => gaps.push(gap));
    const data = heard(client);
    await reaches(client, "live");
    gateway.emit("warren:gap", { from: "<0", to: "90-00000090", reason: "retention" });
    await until(() => expect(client.position).toBe("90-00000090"));
    gateway.recreate();
    gateway.emit("warren:gap", { from: "90-00000090", to: "<0", reason: "reset" });
    await until(() => expect(client.position).toBe("<0"));
    gateway.seats.forEach((seat) => (seat.previous = { offset: 0, before: true }));
    gateway.append("a new life");
    await until(() => expect(data).toEqual(["a new life"]));
    expect(gaps.map(({ reason }) => reason)).toEqual(["retention", "reset"]);
    expect(client.stats.gaps).toBe(2);
  });

  it("is told in a gap before any later event is delivered", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const order: unknown[] = [];
    client.onGap(({ reason }) => order.push(reason));
    client.onAny((_, data) => order.push(data));
    await reaches(client, "live");
    gateway.emit("warren:gap", { from: "<0", to: "<0", reason: "limit" });
    gateway.append("later");
    await until(() => expect(order).toEqual(["limit", "later"]));
  });

  it("drops and counts an event that is not newer than what is held", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const data = heard(client);
    await reaches(client, "live");
    const position = gateway.append("once");
    gateway.emit("said", "once", { topic: "room.one", position });
    gateway.append("twice");
    await until(() => expect(data).toEqual(["once", "twice"]));
    expect(client.stats.repeats).toBe(1);
  });

  it("is taken up by the next run from the store, and asks for what was published between", async () => {
    const { gateway, join } = await stage();
    const store = memoryStore();
    const first = join({ store });
    await reaches(first, "live");
    gateway.append("seen");
    await until(() => expect(first.stats.received).toBe(1));
    await first.close();
    gateway.append("missed");
    const second = join({ store });
    const data = heard(second);
    await until(() => expect(data).toEqual(["missed"]));
    expect(gateway.handshakes[1]?.position).toBe(first.position);
  });

  it("begins at `from` when nothing is kept", async () => {
    const { gateway, join } = await stage();
    gateway.append("old");
    const client = join({ from: "first" });
    const data = heard(client);
    await until(() => expect(data).toEqual(["old"]));
  });
});
