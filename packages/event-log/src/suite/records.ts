import { expect, it } from "vitest";
import { recordCheck } from "../record-check.ts";
import {
  closing,
  eventsOf,
  idsOf,
  numbered,
  positionOf,
  readOut,
  type CreateHarness,
  type SuiteMessage,
} from "./harness.ts";

/** What a record is, and the order of records. */
export function recordPromises(create: CreateHarness): void {
  const open = closing(create);

  it("records come in the order they were appended, with strictly increasing offsets", async () => {
    const { log, append } = await open();
    const messages = numbered(5_000);
    await append(messages);
    const { events } = await readOut(log, "first");
    expect(idsOf(events)).toEqual(idsOf(messages));
    for (let index = 1; index < events.length; index++) {
      expect(events[index]!.offset).toBeGreaterThan(events[index - 1]!.offset);
    }
  });

  it("a record has everything that its publisher gave, and a check of its content", async () => {
    const { log, append } = await open();
    const message = {
      topic: "octocat.hello-world.push",
      body: Buffer.from('{"über":"ß"}'),
      id: "id-1",
      type: "push",
      contentType: "application/json",
      contentEncoding: "identity",
      time: 1_700_000_000_123,
      headers: { tenant: "acme", depth: 3, urgent: true },
    } satisfies SuiteMessage;
    await append([message]);
    const { events } = await readOut(log, "first");
    expect(events).toHaveLength(1);
    const [record] = events;
    expect(record).toMatchObject({ ...message, headers: expect.objectContaining(message.headers), mark: false });
    expect(record!.headers).not.toHaveProperty("x-stream-offset");
    expect(record!.check).toBe(recordCheck(message));
  });

  it("a message without id, type, time and body is a record like any other", async () => {
    const { log, append } = await open();
    await append([{ topic: "bare" }, { topic: "next", id: "next" }]);
    const { events } = await readOut(log, "first");
    expect(events[0]).toMatchObject({ topic: "bare", id: undefined, type: undefined, time: undefined, mark: false });
    expect(events[0]!.body).toHaveLength(0);
    const resumed = await readOut(log, positionOf(events[0]!));
    expect(resumed.start).toEqual({ found: "exact" });
    expect(idsOf(resumed.events)).toEqual(["next"]);
  });

  it("an event that calls itself a mark is an event", async () => {
    const { log, append } = await open();
    await append([{ topic: log.name, type: "warren:mark", id: "impostor" }]);
    const { events } = await readOut(log, "first");
    expect(idsOf(events)).toEqual(["impostor"]);
  });

  it("equal messages without ids are records of their own, told apart by where they stand", async () => {
    const { log, append } = await open();
    const same = { topic: "tick", body: Buffer.from("tick") };
    await append([same, same, same, same]);
    const { events } = await readOut(log, "first");
    expect(events).toHaveLength(4);
    const resumed = await readOut(log, positionOf(events[1]!));
    expect(resumed.start).toEqual({ found: "exact" });
    expect(resumed.events.map((record) => record.offset)).toEqual([events[2]!.offset, events[3]!.offset]);
  });

  it("a body of more than a mebibyte comes back byte for byte", async () => {
    const { log, append } = await open();
    const body = Buffer.alloc(1_200_000);
    for (let index = 0; index < body.length; index++) body[index] = (index * 31) & 0xff;
    await append([{ topic: "large", id: "large", body }]);
    const { last } = await log.bounds();
    const reading = log.read({ from: "first", to: last.offset });
    const bodies: Buffer[] = [];
    for await (const batch of reading) bodies.push(...eventsOf(batch).map((record) => record.body));
    expect(bodies).toHaveLength(1);
    expect(bodies[0]!.equals(body)).toBe(true);
  });
}
