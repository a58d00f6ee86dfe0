import { Manager } from "socket.io-client";
import { describe, expect } from "vitest";
import { parsePosition } from "@warren/events";
import { expectExactly, expectNoSilentLoss } from "../oracle.ts";
import { it, tightYaml, type Scene } from "../scene.ts";
import type { PlainClient } from "../plain-client.ts";
import type { Vhost } from "@warren/broker";

const A = { topics: ["a"] };
const offsetOf = (client: PlainClient) => parsePosition(client.position)!.offset;

describe("a log deleted and made again while a client is away", () => {
  it("with fewer records is announced as another log, and all of it is sent", ({ scene, vhost }) =>
    expectAnotherLog(scene, vhost, 3));

  it("with as many records is announced as another log, and all of it is sent", ({ scene, vhost }) =>
    expectAnotherLog(scene, vhost, 10));

  it("with more records is announced as another log, and all of it is sent", ({ scene, vhost }) =>
    expectAnotherLog(scene, vhost, 40));
});

async function expectAnotherLog(scene: Scene, vhost: Vhost, count: number): Promise<void> {
  const gateway = await scene.gateway();
  const wire = await scene.wire(gateway);
  // One is away, one stays, and later one comes to a gateway that never knew the old log.
  const [away, stays] = [scene.client(`${wire.url}/chat`, A), scene.client(`${gateway.url}/chat`, A)];
  const clients = [away, stays];
  await Promise.all(clients.map((client) => client.ready()));
  const before = await scene.publish(1, 10);
  await Promise.all(clients.map((client) => client.untilId(before.at(-1))));
  wire.down = true;
  wire.cut();
  expect(await vhost.deleteQueue("chat.log")).toBe(true);
  await stays.until(() => stays.gaps.length > 0);
  const after = await scene.publish(101, 100 + count);
  await stays.untilId(after.at(-1));
  wire.down = false;
  await away.untilId(after.at(-1));
  const later = scene.client(`${(await scene.gateway()).url}/chat`, {
    ...A,
    position: away.gaps[0]!.from,
  });
  await later.untilId(after.at(-1));
  for (const client of [...clients, later]) {
    expect(client.gaps.map(({ reason }) => reason)).toEqual(["reset"]);
    const at = client.story.findIndex((told) => typeof told === "object");
    expect(client.story.slice(0, at)).toEqual(client === later ? [] : before);
    expect(client.story.slice(at + 1)).toEqual(after);
  }
}

/** Retention that goes on while a client is served may pass it more than once, and each time is announced. */
function expectRetentionGaps(client: PlainClient): void {
  expect(new Set(client.gaps.map(({ reason }) => reason))).toEqual(new Set(["retention"]));
}

describe("what retention takes from a client is announced", () => {
  it("when it passes the client's position while the client is away", async ({ scene }) => {
    const gateway = await scene.gateway(tightYaml);
    const wire = await scene.wire(gateway);
    const [client, witness] = [scene.client(`${wire.url}/chat`, A), scene.client(`${gateway.url}/chat`, A)];
    await Promise.all([client.ready(), witness.ready()]);
    const published = await scene.publish(1, 20);
    await client.untilId(published.at(-1));
    wire.down = true;
    wire.cut();
    published.push(...(await scene.publish(21, 40)));
    await witness.untilId(published.at(-1));
    await scene.expire(offsetOf(witness));
    published.push(...(await scene.publish(41, 60)));
    wire.down = false;
    await Promise.all([client, witness].map((each) => each.untilId(published.at(-1))));
    expectRetentionGaps(client);
    expectNoSilentLoss(client, published, witness);
  });

  it("when it passes the client while its replay runs", async ({ scene }) => {
    const gateway = await scene.gateway(BULKY);
    const wire = await scene.wire(gateway);
    const witness = scene.client(`${gateway.url}/chat`, A);
    await witness.ready();
    const { position } = witness;
    const published = await scene.publish(1, LARGE, bulk);
    await witness.untilId(published.at(-1));
    const client = scene.client(`${wire.url}/chat`, { ...A, position });
    await client.until(() => client.received.length >= 10);
    await passBy(scene, wire, witness);
    published.push(...(await scene.publish(LARGE + 1, LARGE + 5)));
    await Promise.all([client, witness].map((each) => each.untilId(published.at(-1))));
    expectRetentionGaps(client);
    expect(client.received.some(({ meta }) => meta.replayed === true)).toBe(true);
    expectNoSilentLoss(client, published, witness);
  });

  it("when a message expired from the log after it had left the ring, before a slow client came to it", async ({
    scene,
  }) => {
    const gateway = await scene.gateway(BULKY);
    const wire = await scene.wire(gateway);
    const [client, witness] = [scene.client(`${wire.url}/chat`, A), scene.client(`${gateway.url}/chat`, A)];
    await Promise.all([client.ready(), witness.ready()]);
    wire.stall();
    const published = await scene.publish(1, LARGE, bulk);
    await witness.untilId(published.at(-1));
    await passBy(scene, wire, witness);
    published.push(...(await scene.publish(LARGE + 1, LARGE + 5)));
    await Promise.all([client, witness].map((each) => each.untilId(published.at(-1))));
    expectRetentionGaps(client);
    expectNoSilentLoss(client, published, witness);
  });
});

/** More than all the buffers between a gateway and a client that does not read can hold. */
const LARGE = 700;
const bulk = { body: Buffer.alloc(20_000, 0x61), contentType: "text/plain" };
const BULKY = `
namespaces:
  /chat: { exchange: chat, anonymous: true, log: { maxAge: 7d, maxBytes: 16MiB, segmentBytes: 1MiB } }
limits: { ringBytes: 16KiB, replayBytes: 1KiB, socketBudget: 64KiB }
`;

/** Lets retention pass everything that the witness has, while nothing gets through to the client. */
async function passBy(scene: Scene, wire: { stall(): void; flow(): void }, witness: PlainClient): Promise<void> {
  wire.stall();
  await scene.expire(offsetOf(witness), { maxAge: "7D", maxBytes: 16 * 1024 ** 2, segmentBytes: 1024 ** 2 });
  wire.flow();
}

it("two namespaces on one connection: one has a gap, the other has none", async ({ scene }) => {
  const gateway = await scene.gateway(tightYaml);
  const wire = await scene.wire(gateway);
  const manager = new Manager(wire.url, {
    transports: ["websocket"],
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
  });
  const [torn, whole] = [
    scene.client(`${wire.url}/chat`, { ...A, manager }),
    scene.client(`${wire.url}/other`, { ...A, manager }),
  ];
  const witness = scene.client(`${gateway.url}/chat`, A);
  await Promise.all([torn, whole, witness].map((client) => client.ready()));
  const published = await scene.publish(1, 10);
  const elsewhere = await scene.publish(1, 10, { exchange: "other" });
  await Promise.all([torn.untilId(published.at(-1)), whole.untilId(elsewhere.at(-1))]);
  wire.down = true;
  wire.cut();
  published.push(...(await scene.publish(11, 20)));
  elsewhere.push(...(await scene.publish(11, 20, { exchange: "other" })));
  await witness.untilId(published.at(-1));
  await scene.expire(offsetOf(witness));
  published.push(...(await scene.publish(21, 25)));
  wire.down = false;
  await Promise.all([torn, witness].map((client) => client.untilId(published.at(-1))));
  await whole.untilId(elsewhere.at(-1));
  expect(torn.gaps.map(({ reason }) => reason)).toEqual(["retention"]);
  expectNoSilentLoss(torn, published, witness);
  expectExactly(whole, elsewhere);
});

it("publishers whose clocks are ten years off break neither order nor the once of an id", async ({ scene }) => {
  const gateway = await scene.gateway();
  const client = scene.client(`${gateway.url}/chat`, A);
  await client.ready();
  const { position } = client;
  const decade = 10 * 365 * 86_400_000;
  const published: string[] = [];
  for (const [index, offMs] of [0, decade, -decade, 0].entries()) {
    const from = index * 10;
    const said = { timestampMs: Date.now() + offMs };
    published.push(...(await scene.publish(from, from + 9, said)));
    // As a publisher does that got no confirm.
    await scene.publish(from, from + 9, { timestampMs: said.timestampMs + 1_000 });
  }
  published.push(...(await scene.publish(1_000, 1_000)));
  const late = scene.client(`${gateway.url}/chat`, { ...A, position });
  for (const each of [client, late]) {
    await each.untilId(published.at(-1));
    expectExactly(each, published);
  }
});
