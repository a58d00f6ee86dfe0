import { expect, vi } from "vitest";
import { createConsumer, type Delivery } from "../../src/index.ts";
import { it, message } from "./wire.ts";

const ids = (deliveries: readonly Delivery[]): string[] =>
  deliveries.map(({ properties }) => properties.messageId ?? "");

it("two thousand messages arrive in order, in bursts", async ({ wire }) => {
  await wire.route();
  const publisher = await wire.publisher();
  const published = Array.from({ length: 2_000 }, (_, at) => String(at));
  await Promise.all(published.map((id) => publisher.publish(message(id))));
  const bursts: string[][] = [];
  const consumer = createConsumer(await wire.connect(), {
    queue: "q",
    prefetch: 500,
    onDeliveries(deliveries) {
      bursts.push(ids(deliveries));
      deliveries.at(-1)?.ackUpTo();
    },
  });
  await vi.waitFor(() => expect(bursts.flat()).toHaveLength(2_000), { timeout: 10_000 });
  expect(bursts.flat()).toEqual(published);
  expect(bursts.length).toBeLessThan(1_000);
  await consumer.close();
  expect(await wire.ids()).toEqual([]);
});

it("a delivery says all that its publisher said", async ({ vhost, wire }) => {
  await wire.route();
  await vhost.publish("e", "yes.b", "text", { type: "t", timestamp: 1_700_000_000, headers: { a: 1 } });
  await vhost.publish("e", "yes.c", "", {});
  const got: Delivery[] = [];
  const onDeliveries = (deliveries: readonly Delivery[]): void => void got.push(...deliveries);
  const consumer = createConsumer(await wire.connect(), { queue: "q", prefetch: 10, onDeliveries });
  await vi.waitFor(() => expect(got).toHaveLength(2));
  const [full, bare] = got;
  expect(full).toMatchObject({ exchange: "e", routingKey: "yes.b", redelivered: false, body: Buffer.from("text") });
  expect(full?.properties).toMatchObject({ type: "t", timestamp: 1_700_000_000, headers: { a: 1 } });
  expect(bare?.properties.headers).toEqual({});
  expect(bare?.body).toHaveLength(0);
  await consumer.close();
});

it("a consumer whose queue is deleted says so, and consumes again when the queue is there again", async ({
  vhost,
  wire,
}) => {
  await wire.route();
  const publisher = await wire.publisher();
  const got: string[] = [];
  const reasons: string[] = [];
  let attached = 0;
  const consumer = createConsumer(await wire.connect(), {
    queue: "q",
    prefetch: 10,
    onDeliveries(deliveries) {
      got.push(...ids(deliveries));
      deliveries.at(-1)?.ackUpTo();
    },
    onAttached: () => void attached++,
    onDetached: (reason) => void reasons.push(reason),
  });
  await consumer.ready;
  await vhost.deleteQueue("q");
  await vi.waitFor(() => expect(reasons.join()).toMatch(/cancelled.*no queue 'q'/s), { timeout: 10_000 });
  expect(consumer.attached).toBe(false);
  await wire.route();
  await vi.waitFor(() => expect(consumer.attached).toBe(true), { timeout: 10_000 });
  await publisher.publish(message("again"));
  await vi.waitFor(() => expect(got).toEqual(["again"]));
  expect(attached).toBe(2);
  await consumer.close();
});

it("a consumer with a topology puts a queue that was deleted back", async ({ vhost, wire }) => {
  const topology = {
    exchanges: [{ name: "e", type: "topic" as const }],
    queues: [{ queueType: "stream" as const, name: "s" }],
    bindings: [{ exchange: "e", queue: "s", pattern: "#" }],
  };
  const publisher = await wire.publisher();
  const got: string[] = [];
  const offsets: unknown[] = [];
  const consumer = createConsumer(await wire.connect(), {
    queue: "s",
    prefetch: 10,
    topology,
    arguments() {
      offsets.push("asked");
      return { "x-stream-offset": "first" };
    },
    onDeliveries: (deliveries) => void got.push(...ids(deliveries)),
  });
  await consumer.ready;
  await publisher.publish(message(1));
  await vi.waitFor(() => expect(got).toEqual(["1"]), { timeout: 10_000 });
  await vhost.deleteQueue("s");
  await vi.waitFor(() => expect(offsets.length).toBeGreaterThan(1), { timeout: 10_000 });
  await vi.waitFor(() => expect(consumer.attached).toBe(true), { timeout: 10_000 });
  await publisher.publish(message(2));
  await vi.waitFor(() => expect(got).toEqual(["1", "2"]), { timeout: 10_000 });
  await consumer.close();
});

it("a consumer of a queue that does not exist yet attaches when it does", async ({ wire }) => {
  const reasons: string[] = [];
  const consumer = createConsumer(await wire.connect(), {
    queue: "q",
    prefetch: 1,
    onDeliveries() {},
    onDetached: (reason) => void reasons.push(reason),
  });
  await vi.waitFor(() => expect(reasons.join()).toMatch(/no queue 'q'/));
  await wire.route();
  await consumer.ready;
  // The same reason is told once, however often it was tried.
  expect(reasons).toHaveLength(1);
  await consumer.close();
});

it("settling twice, out of order, or by an earlier ackUpTo costs no channel", async ({ vhost, wire }) => {
  await wire.route();
  for (let n = 0; n < 6; n++) await vhost.publish("e", "yes.a", String(n));
  const got: Delivery[] = [];
  const onDetached = vi.fn();
  const onDeliveries = (deliveries: readonly Delivery[]): void => void got.push(...deliveries);
  const consumer = createConsumer(await wire.connect(), { queue: "q", prefetch: 6, onDeliveries, onDetached });
  await vi.waitFor(() => expect(got).toHaveLength(6));
  got[1]?.ack();
  got[1]?.ack();
  got[1]?.ackUpTo();
  got[3]?.ackUpTo();
  got[0]?.reject(false);
  got[2]?.nack(true);
  got[4]?.reject(false);
  got[4]?.ack();
  got[5]?.ack();
  await vhost.publish("e", "yes.a", "after");
  await vi.waitFor(() => expect(got.at(-1)?.body.toString()).toBe("after"));
  expect(onDetached).not.toHaveBeenCalled();
  await consumer.close();
  expect((await vhost.get("q", 10)).map(({ body }) => body.toString())).toEqual(["after"]);
});

it("settling after the channel is gone does nothing, and the message comes again", async ({ vhost, wire }) => {
  await wire.route();
  await vhost.publish("e", "yes.a", "x");
  const got: Delivery[] = [];
  const onDeliveries = (deliveries: readonly Delivery[]): void => void got.push(...deliveries);
  const consumer = createConsumer(await wire.connect({ name: "consumer" }), { queue: "q", prefetch: 1, onDeliveries });
  await vi.waitFor(() => expect(got).toHaveLength(1));
  await vhost.closeConnections({ name: /consumer/ });
  got[0]?.ack();
  await vi.waitFor(() => expect(got).toHaveLength(2), { timeout: 10_000 });
  got[0]?.ackUpTo();
  got[0]?.reject(true);
  expect(got[1]).toMatchObject({ redelivered: true });
  got[1]?.ack();
  await consumer.close();
  expect(await vhost.get("q")).toEqual([]);
});

it("a handler that throws is told, and its deliveries come again", async ({ vhost, wire }) => {
  await wire.route();
  await vhost.publish("e", "yes.a", "x");
  const reasons: string[] = [];
  const redelivered: boolean[] = [];
  const consumer = createConsumer(await wire.connect(), {
    queue: "q",
    prefetch: 1,
    onDeliveries(deliveries) {
      redelivered.push(deliveries[0]?.redelivered === true);
      if (redelivered.length < 3) throw new Error("the handler's fault");
      deliveries[0]?.ack();
    },
    onDetached: (reason) => void reasons.push(reason),
  });
  await vi.waitFor(() => expect(redelivered).toEqual([false, true, true]), { timeout: 10_000 });
  expect(reasons[0]).toMatch(/onDeliveries threw: Error: the handler's fault/);
  await consumer.close();
  expect(await vhost.get("q")).toEqual([]);
});

it("after close nothing is handed over, and what was unsettled is in the queue again", async ({ vhost, wire }) => {
  await wire.route();
  const publisher = await wire.publisher();
  await Promise.all(Array.from({ length: 100 }, (_, at) => publisher.publish(message(at))));
  let closing: Promise<void> | undefined;
  const got: string[] = [];
  const consumer = createConsumer(await wire.connect(), {
    queue: "q",
    prefetch: 1_000,
    onDeliveries(deliveries) {
      expect(closing).toBeUndefined();
      got.push(...ids(deliveries));
      deliveries[0]?.ack();
      closing = consumer.close();
    },
  });
  await vi.waitFor(() => expect(closing).toBeDefined());
  await closing;
  await vi.waitFor(async () => expect((await vhost.queue("q"))?.consumers ?? 0).toBe(0), { timeout: 10_000 });
  expect((await wire.ids()).sort()).toEqual(
    Array.from({ length: 100 }, (_, at) => String(at))
      .filter((id) => id !== got[0])
      .sort(),
  );
});

it("a stream goes on where it stood when its connection is cut", async ({ vhost, wire }) => {
  await vhost.createExchange("e", "topic");
  await vhost.createQueue("s", { arguments: { "x-queue-type": "stream" } });
  await vhost.bind("e", "s", "#");
  const publisher = await wire.publisher();
  const got: string[] = [];
  let next = 0;
  const consumer = createConsumer(await wire.connect({ name: "tail" }), {
    queue: "s",
    prefetch: 20,
    arguments: () => ({ "x-stream-offset": next }),
    onDeliveries(deliveries) {
      for (const { properties } of deliveries) {
        const offset = Number(properties.headers["x-stream-offset"]);
        if (offset < next) continue;
        next = offset + 1;
        got.push(properties.messageId ?? "");
      }
      deliveries.at(-1)?.ackUpTo();
    },
  });
  await consumer.ready;
  const wanted: string[] = [];
  for (let round = 0; round < 3; round++) {
    const batch = Array.from({ length: 100 }, (_, at) => `${round}-${at}`);
    wanted.push(...batch);
    await Promise.all(batch.map((id) => publisher.publish(message(id))));
    await vhost.closeConnections({ name: /tail/ });
  }
  await vi.waitFor(() => expect(got).toHaveLength(300), { timeout: 20_000 });
  expect(got).toEqual(wanted);
  await consumer.close();
});
