import { describe, expect, it } from "vitest";
import { createMemoryEventLog } from "@warren/event-log";
import { describeEventLog, type CreateHarness } from "@warren/event-log/suite";

const createHarness: CreateHarness = async () => {
  const log = createMemoryEventLog("chat.log");
  return {
    log,
    append: async (messages) => {
      for (const message of messages) log.append(message);
    },
    truncatePast: async (offset) => {
      for (let filler = 0; filler < 10; filler++) log.append({ topic: "filler" });
      log.truncateBefore(offset + 1);
    },
    recreate: async () => log.recreate(),
    loseConnection: async () => {
      log.disconnect();
      setImmediate(() => log.reconnect());
    },
    readers: async () => log.readers,
    close: () => log.close(),
  };
};

describeEventLog("memory", createHarness, { survivesRestart: false });

describe("memory: its own", () => {
  it("past its bound in bytes the oldest records go, and never the newest", async () => {
    const log = createMemoryEventLog("chat.log", { maxBytes: 10_000 });
    for (let index = 0; index < 100; index++) log.append({ topic: "a", id: `${index}`, body: Buffer.alloc(744) });
    const { first, last } = await log.bounds();
    expect([first.id, last.offset]).toEqual(["91", 100]);
    const alone = log.append({ topic: "a", body: Buffer.alloc(20_000) });
    const kept: number[] = [];
    for await (const batch of log.read({ from: "first", to: alone.offset })) {
      kept.push(...batch.map((record) => record.offset));
    }
    expect(kept).toEqual([alone.offset]);
    await log.close();
  });

  it("what is appended in one turn reaches a tail as one burst", async () => {
    const log = createMemoryEventLog("chat.log");
    const bursts: number[] = [];
    const tail = log.tail("first", { records: ({ length }) => bursts.push(length), gap() {}, attached() {} });
    await tail.ready;
    for (let index = 0; index < 3; index++) log.append({ topic: "a" });
    await Promise.resolve();
    log.append({ topic: "a" });
    await Promise.resolve();
    expect(bursts).toEqual([3, 1]);
    await log.close();
  });

  it("retention that passes a tail is told before the next record", async () => {
    const log = createMemoryEventLog("chat.log");
    const said: unknown[] = [];
    const tail = log.tail("first", {
      records: (records) => said.push(records.map((record) => record.offset)),
      gap: (gap) => said.push([gap.reason, gap.from.offset, gap.to.offset]),
      attached() {},
    });
    await tail.ready;
    log.append({ topic: "a" });
    await Promise.resolve();
    log.disconnect();
    for (let index = 0; index < 10; index++) log.append({ topic: "a" });
    log.truncateBefore(6);
    log.reconnect();
    await Promise.resolve();
    expect(said).toEqual([[0], ["retention", 0, 6], [6, 7, 8, 9, 10]]);
    await log.close();
  });
});
