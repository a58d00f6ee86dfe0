import { after, formatPosition, type HistoryAck } from "@warren/events";
import { describe, expect, it } from "vitest";
import { appendNumber, expectChained, openGate } from "./gate-fixture.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("a client", () => {
  it("is first told that it is ready, where it stands, and what it subscribed to", async () => {
    const gate = await openGate();
    const client = gate.connect({ topics: ["n.even"] });
    const ready = await client.ready();
    expect(ready).toMatchObject({ protocol: 1, status: "live", topics: ["n.even"] });
    expect(ready.position).toMatch(/^\d+-[0-9a-f]{8}$/);
    expect(client.all[0]?.name).toBe("warren:ready");
  });

  it("gets what its patterns match, in order, each event naming the one before", async () => {
    const gate = await openGate();
    const client = gate.connect({ topics: ["n.even"] });
    await client.live();
    gate.emit(...range(1, 20));
    await client.received(10);
    expect(client.numbers).toEqual(range(1, 20).filter((number) => number % 2 === 0));
    expectChained(client.events);
    expect(client.events.every(({ meta }) => meta.replayed === undefined)).toBe(true);
  });

  it("that comes back with its last position gets exactly what it missed, then what is live", async () => {
    const gate = await openGate();
    const first = gate.connect();
    await first.live();
    gate.emit(...range(1, 5));
    await first.received(5);
    first.socket.disconnect();
    gate.emit(...range(6, 10));
    const again = gate.connect({ position: first.lastPosition });
    await again.live();
    gate.emit(...range(11, 12));
    await again.received(7);
    expect(again.numbers).toEqual(range(6, 12));
    expect(again.events.map(({ meta }) => meta.replayed === true)).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ]);
    expect(again.events[0]?.meta.previous).toBe(first.lastPosition);
    expectChained(again.events);
    expect(again.gaps).toEqual([]);
    expect(again.all[0]).toMatchObject({
      name: "warren:ready",
      args: [{ status: "replaying", position: first.lastPosition }],
    });
  });

  it("that never received an event resumes from the position that ready gave it", async () => {
    const gate = await openGate();
    const first = gate.connect();
    const { position } = await first.ready();
    first.socket.disconnect();
    gate.emit(1, 2, 3);
    const again = gate.connect({ position });
    await again.live();
    expect(again.numbers).toEqual([1, 2, 3]);
  });

  it.each([{ serverOffset: 0 }, { position: "first" }, { position: 0 }])(
    "that asks with %j gets the log from its beginning",
    async (auth) => {
      const gate = await openGate({ prefill: (log) => range(1, 30).forEach((number) => appendNumber(log, number)) });
      const client = gate.connect(auth);
      await client.live();
      expect(client.numbers).toEqual(range(1, 30));
    },
  );

  it("may give a whole meta as its position", async () => {
    const gate = await openGate();
    const first = gate.connect();
    await first.live();
    gate.emit(1, 2);
    await first.received(2);
    const again = gate.connect({ serverOffset: first.events[0]?.meta });
    await again.live();
    expect(again.numbers).toEqual([2]);
  });

  it("gets events published while it is replayed once, in order, whenever they come", async () => {
    const gate = await openGate({ prefill: (log) => range(1, 3000).forEach((number) => appendNumber(log, number)) });
    const clients = range(1, 20).map(() => gate.connect({ position: "first" }));
    let next = 3001;
    for (const client of clients) {
      client.socket.onAny(() => {
        if (next <= 4000) gate.emit(next++);
      });
    }
    for (const client of clients) await client.until(() => client.events.at(-1)?.data === 4000);
    for (const client of clients) {
      expect(client.numbers).toEqual(range(1, 4000));
      expectChained(client.events);
    }
  });

  it("whose position is older than the ring is replayed from the log, then from the ring", async () => {
    const gate = await openGate({ limits: "{ ringBytes: 32KiB }" });
    const first = gate.connect();
    const { position } = await first.ready();
    gate.emit(...range(1, 2000));
    expect(gate.feed.ring.size).toBeLessThan(100);
    const again = gate.connect({ position });
    await again.live();
    expect(again.numbers).toEqual(range(1, 2000));
    expect(again.gaps).toEqual([]);
  });

  it("is told of a gap when the log no longer has what it missed, before any later event", async () => {
    const gate = await openGate({ limits: "{ ringBytes: 16KiB }" });
    const first = gate.connect();
    const { position } = await first.ready();
    first.socket.disconnect();
    gate.emit(...range(1, 200));
    gate.log.truncateBefore(100);
    const again = gate.connect({ position });
    await again.live();
    expect(again.gaps).toEqual([{ from: position, to: expect.stringMatching(/^<100-/), reason: "retention" }]);
    expect(again.numbers).toEqual(range(1, 200).slice(-again.numbers.length));
    expect(again.all.findIndex(({ name }) => name === "warren:gap")).toBe(1);
    expect(again.events[0]?.meta.position).toMatch(/^100-/);
  });

  it.each([
    ["fewer", 3],
    ["as many", 10],
    ["more", 40],
  ])(
    "is told when the log was deleted and made again with %s records while it was away, and gets all of the new log",
    async (_what, count) => {
      const gate = await openGate();
      const first = gate.connect();
      await first.live();
      gate.emit(...range(1, 10));
      await first.received(10);
      const position = first.lastPosition;
      first.socket.disconnect();
      gate.log.recreate();
      gate.emit(...range(1001, 1000 + count));
      const again = gate.connect({ position });
      await again.live();
      expect(again.gaps).toMatchObject([{ from: position, reason: "reset" }]);
      expect(again.numbers).toEqual(range(1001, 1000 + count));
    },
  );

  it("that is connected when the log is made again is told, and goes on with the new one", async () => {
    const gate = await openGate();
    const client = gate.connect();
    await client.live();
    gate.emit(1, 2);
    await client.received(2);
    gate.log.recreate();
    gate.emit(3, 4);
    await client.received(4);
    expect(client.numbers).toEqual([1, 2, 3, 4]);
    expect(client.gaps).toMatchObject([{ reason: "reset" }]);
    expect(client.events[2]?.meta.previous).toBeUndefined();
  });

  it("with a position from the future is told that the log is another one", async () => {
    const gate = await openGate();
    gate.emit(1, 2, 3);
    const client = gate.connect({ position: "999-1a2b3c4d" });
    await client.live();
    expect(client.gaps).toMatchObject([{ from: "999-1a2b3c4d", reason: "reset" }]);
    expect(client.numbers).toEqual([1, 2, 3]);
  });

  it("that asks for more than one replay may read is told of the limit and gets the rest", async () => {
    const gate = await openGate({
      limits: "{ replayEvents: 100 }",
      prefill: (log) => range(1, 1000).forEach((number) => appendNumber(log, number)),
    });
    const client = gate.connect({ position: "first" });
    await client.live();
    expect(client.gaps).toMatchObject([{ reason: "limit" }]);
    expect(client.numbers.length).toBeGreaterThan(90);
    expect(client.numbers).toEqual(range(1, 1000).slice(-client.numbers.length));
  });

  it("that stops reading costs at most its budget, and gets everything from the log when it reads again", async () => {
    const gate = await openGate({ limits: "{ socketBudget: 64KiB, ringBytes: 1MiB }" });
    const client = gate.connect();
    await client.live();
    const engine = (client.socket.io.engine as unknown as { transport: { ws: { pause(): void; resume(): void } } })
      .transport.ws;
    engine.pause();
    const body = Buffer.from(JSON.stringify("x".repeat(10_000)));
    for (const number of range(1, 3000)) {
      gate.log.append({ topic: "n", body, contentType: "application/json", id: String(number) });
      if (number % 50 === 0) await new Promise<void>((resolve) => setImmediate(resolve));
    }
    expect([...gate.feed.audiences].flatMap(({ members }) => [...members])).toEqual([]);
    engine.resume();
    await client.received(3000);
    expect(client.events.map(({ meta }) => meta.id)).toEqual(range(1, 3000).map(String));
    expectChained(client.events);
    expect(client.gaps).toEqual([]);
  });

  it("adds patterns to a live connection, with a position from the past, and nothing twice", async () => {
    const gate = await openGate();
    const client = gate.connect({ topics: ["n.even"] });
    const { position } = await client.ready();
    gate.emit(...range(1, 10));
    await client.received(5);
    const ack = (await client.socket.emitWithAck("warren:subscribe", { topics: ["n.odd"], position })) as {
      ok: boolean;
    };
    expect(ack).toMatchObject({ ok: true, position: expect.any(String) });
    gate.emit(11, 12);
    await client.received(12);
    expect(client.numbers).toEqual([2, 4, 6, 8, 10, 1, 3, 5, 7, 9, 11, 12]);
    await client.socket.emitWithAck("warren:unsubscribe", { topics: ["n.even"] });
    gate.emit(13, 14, 15);
    await client.received(14);
    expect(client.numbers.slice(12)).toEqual([13, 15]);
  });

  it("without patterns gets nothing until it subscribes", async () => {
    const gate = await openGate();
    const client = gate.connect({ topics: [] });
    await client.live();
    gate.emit(1);
    expect(await client.socket.emitWithAck("warren:subscribe", { topics: ["#"] })).toMatchObject({ ok: true });
    gate.emit(2);
    await client.received(1);
    expect(client.numbers).toEqual([2]);
  });

  it("over HTTP long-polling gets the same, and goes on through its upgrade to WebSocket", async () => {
    const gate = await openGate({ prefill: (log) => range(1, 500).forEach((number) => appendNumber(log, number)) });
    const polling = gate.connect({ position: "first" }, { transports: ["polling"] });
    const upgrading = gate.connect({ position: "first" }, { transports: ["polling", "websocket"] });
    const upgraded = new Promise((resolve) => upgrading.socket.io.engine.once("upgrade", resolve));
    for (const number of range(501, 600)) {
      gate.emit(number);
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await upgraded;
    gate.emit(601);
    for (const client of [polling, upgrading]) {
      await client.received(601);
      expect(client.numbers).toEqual(range(1, 601));
    }
  });

  it("gets bytes as bytes, live and replayed", async () => {
    const gate = await openGate();
    const client = gate.connect();
    const { position } = await client.ready();
    const body = Buffer.from([0, 255, 10]);
    gate.log.append({ topic: "bytes", body });
    await client.received(1);
    const again = gate.connect({ position });
    await again.live();
    for (const { events } of [client, again]) {
      expect(events[0]).toMatchObject({ type: "bytes", meta: { topic: "bytes" } });
      expect(Buffer.from(events[0]!.data as Uint8Array)).toEqual(body);
    }
  });

  it("gets events of every frame size, text and bytes, in order with the acks of what it emits itself", async () => {
    const gate = await openGate({ limits: "{ maxPayload: 4MiB, socketBudget: 16MiB }" });
    const client = gate.connect();
    await client.live();
    const sizes = [0, 1, 90, 124, 125, 126, 200, 65_534, 65_535, 65_536, 200_000, 3_000_000];
    const acks: unknown[] = [];
    for (const size of sizes) {
      gate.log.append({ topic: "text", body: Buffer.from("é".repeat(size / 2)), contentType: "text/plain" });
      client.socket.emit("mine", size, (answer: unknown) => acks.push(answer));
      gate.log.append({ topic: "bytes", body: Buffer.alloc(size, 7) });
      await new Promise<void>((resolve) => setImmediate(resolve));
    }
    await client.received(3 * sizes.length);
    await expect.poll(() => acks.length).toBe(sizes.length);
    const of = (type: string) => client.events.filter((event) => event.type === type).map(({ data }) => data);
    expect(of("text")).toEqual(sizes.map((size) => "é".repeat(size / 2)));
    expect(of("bytes").map((data) => Buffer.from(data as Uint8Array))).toEqual(
      sizes.map((size) => Buffer.alloc(size, 7)),
    );
    expect(of("mine")).toEqual(sizes);
    expectChained(client.events);
  });

  it("gets an event that was published twice with one id once: live, replayed from the ring, and from the log behind it", async () => {
    const gate = await openGate({ limits: "{ ringBytes: 16KiB }" });
    const client = gate.connect();
    const { position } = await client.ready();
    const publishTwice = (number: number) => {
      appendNumber(gate.log, number);
      if (number > 1) appendNumber(gate.log, number - 1);
    };
    for (const number of range(1, 300)) publishTwice(number);
    await client.received(300);
    expect(client.numbers).toEqual(range(1, 300));
    expectChained(client.events);
    const again = gate.connect({ position });
    await again.live();
    expect(again.numbers).toEqual(range(1, 300));
    const late = gate.connect({ position: client.events[150]!.meta.position });
    await late.live();
    expect(late.numbers).toEqual(range(152, 300));
  });

  it("gets it once too from a gateway that was started after it, whose tail never saw the first", async () => {
    const yaml = [
      "namespaces: { /chat: { exchange: chat, anonymous: true, defaultTopics: ['#'], dedupe: { window: 1h, events: 50 } } }",
      "limits: { ringBytes: 16KiB }",
    ].join("\n");
    let position = "";
    const gate = await openGate({
      yaml,
      prefill: (log) => {
        for (const number of range(1, 1000)) {
          const record = log.append({
            topic: "n",
            body: String(number),
            contentType: "application/json",
            id: `id-${number}`,
          });
          if (number === 500) position = formatPosition(after(record.offset, record.check));
          if (number > 10) appendNumber(log, number - 10, "n");
        }
      },
    });
    expect(gate.feed.decidedFrom).toBeGreaterThan(1000);
    const client = gate.connect({ position });
    await client.live();
    expect(client.numbers).toEqual(range(501, 1000));
  });

  it("may publish again with the same id: acked again, delivered once", async () => {
    const gate = await openGate();
    const client = gate.connect();
    await client.live();
    for (let attempt = 0; attempt < 3; attempt++) {
      expect(await client.socket.emitWithAck("e", 1, "same-id")).toEqual({ ok: true, id: "same-id" });
    }
    expect(await client.socket.emitWithAck("e", 2, "other-id")).toMatchObject({ ok: true });
    await client.received(2);
    expect(client.numbers).toEqual([1, 2]);
  });

  it("clients that missed the same are served from one reading of the log", async () => {
    const gate = await openGate({ limits: "{ ringBytes: 16KiB, replayReaders: 1 }" });
    const first = gate.connect();
    const { position } = await first.ready();
    gate.emit(...range(1, 1500));
    let readings = 0;
    const { read } = gate.log;
    gate.log.read = (options) => {
      readings++;
      return read.call(gate.log, options);
    };
    const clients = range(1, 50).map(() => gate.connect({ position }));
    for (const client of clients) {
      await client.live();
      expect(client.numbers).toEqual(range(1, 1500));
    }
    expect(readings).toBeLessThan(10);
    expect(gate.feed.past.bytes).toBeLessThan(32 * 1024 ** 2);
  });
});

describe("history", () => {
  it("is had in pages, each naming where it ends and whether there is more", async () => {
    const gate = await openGate({
      limits: "{ ringBytes: 64KiB }",
      prefill: (log) => range(1, 1200).forEach((number) => appendNumber(log, number)),
    });
    const client = gate.connect();
    await client.live();
    const seen: unknown[] = [];
    let after: string | undefined;
    for (let page = 0, more = true; more; page++) {
      const answer = (await client.socket.emitWithAck("warren:history", {
        topics: ["n.even"],
        after,
        limit: 100,
      })) as HistoryAck;
      if (!answer.ok) throw new Error(answer.error.message);
      expect(answer.events.length).toBeLessThanOrEqual(100);
      expect(page).toBeLessThan(10);
      seen.push(...answer.events.map(({ data }) => data));
      ({ position: after, more } = answer);
    }
    expect(seen).toEqual(range(1, 600).map((number) => number * 2));
  });

  it("says what is gone", async () => {
    const gate = await openGate({ limits: "{ ringBytes: 16KiB }" });
    const client = gate.connect();
    const { position } = await client.ready();
    gate.emit(...range(1, 200));
    gate.log.truncateBefore(100);
    const answer: unknown = await client.socket.emitWithAck("warren:history", { topics: ["#"], after: position });
    expect(answer).toMatchObject({ ok: true, gaps: [{ reason: "retention", from: position }], more: false });
  });

  it.each([{}, { topics: "#" }, { topics: ["#"], limit: 501 }, { topics: ["#"], after: "nonsense" }])(
    "%j is refused",
    async (request) => {
      const gate = await openGate();
      const client = gate.connect();
      await client.live();
      expect(await client.socket.emitWithAck("warren:history", request)).toMatchObject({
        ok: false,
        error: { retryable: false },
      });
    },
  );
});
