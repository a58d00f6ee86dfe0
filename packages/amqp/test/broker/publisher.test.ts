import { eventLogTopology } from "@warren/topology";
import { expect, vi } from "vitest";
import { createConsumer, createPublisher } from "../../src/index.ts";
import { COPY_HEADER } from "../../src/outgoing-message.ts";
import { befall, firsts, it, message, outcomes } from "./wire.ts";

it("a confirmed message is in the queue, as it was sent", async ({ vhost, wire }) => {
  await wire.route();
  const publisher = await wire.publisher();
  await publisher.publish(
    message("one", {
      type: "t",
      contentType: "text/plain",
      contentEncoding: "identity",
      correlationId: "c",
      replyTo: "r",
      priority: 3,
      expirationMs: 60_000,
      timestampMs: 1_700_000_000_123,
      headers: { a: "b", n: 1, f: 1.5, yes: true },
    }),
  );
  expect(publisher.pending).toEqual({ messages: 0, bytes: 0 });
  const [taken] = await vhost.get("q");
  expect(taken).toMatchObject({
    exchange: "e",
    routingKey: "yes.a",
    body: Buffer.from("body one"),
    properties: {
      message_id: "one",
      type: "t",
      content_type: "text/plain",
      content_encoding: "identity",
      correlation_id: "c",
      reply_to: "r",
      priority: 3,
      expiration: "60000",
      timestamp: 1_700_000_000,
      delivery_mode: 2,
      headers: { a: "b", n: 1, f: 1.5, yes: true, timestamp_in_ms: 1_700_000_000_123 },
    },
  });
});

it("messages are confirmed in any number and arrive in the order they were published", async ({ wire }) => {
  await wire.route();
  const publisher = await wire.publisher({ maxInFlight: 50 });
  const published = Array.from({ length: 2_000 }, (_, at) => publisher.publish(message(at)));
  await publisher.flush();
  expect(new Set(await outcomes(published))).toEqual(new Set(["confirmed"]));
  expect(await wire.ids()).toEqual(published.map((_, at) => String(at)));
});

it("a message that reaches no queue rejects with UNROUTABLE, unless it is not mandatory", async ({ wire }) => {
  await wire.route();
  const publisher = await wire.publisher();
  const no = { routingKey: "no.a" };
  const published = [
    publisher.publish(message(1, no)),
    publisher.publish(message(2)),
    publisher.publish(message(3, { ...no, mandatory: false })),
  ];
  expect(await outcomes(published)).toEqual(["UNROUTABLE", "confirmed", "confirmed"]);
  await expect(published[0]).rejects.toMatchObject({ name: "PublishError", messageId: "1" });
});

it("of messages in flight with one and the same id, exactly those that reach no queue are UNROUTABLE", async ({
  vhost,
  wire,
}) => {
  await wire.route("quorum");
  const publisher = await wire.publisher();
  const routable = [true, false, false, true, false, true, true, false, true];
  const published = routable.map((yes) => publisher.publish(message("same", { routingKey: yes ? "yes.a" : "no.a" })));
  expect(await outcomes(published)).toEqual(routable.map((yes) => (yes ? "confirmed" : "UNROUTABLE")));
  const taken = await vhost.get("q", 100);
  expect(taken).toHaveLength(5);
  expect(taken[0]?.properties.headers ?? {}).not.toHaveProperty(COPY_HEADER);
  await expect(publisher.publish(message("same", { routingKey: "no.a" }))).rejects.toMatchObject({
    code: "UNROUTABLE",
  });
});

it("a message that a full queue refuses rejects with NACKED", async ({ vhost, wire }) => {
  await wire.route();
  await vhost.createQueue("full", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
  await vhost.bind("e", "full", "full");
  const publisher = await wire.publisher();
  const full = { routingKey: "full" };
  await publisher.publish(message(1, full));
  expect(await outcomes([publisher.publish(message(2, full)), publisher.publish(message(3))])).toEqual([
    "NACKED",
    "confirmed",
  ]);
  expect(publisher.pending).toEqual({ messages: 0, bytes: 0 });
});

it("a missing exchange costs only the messages for it; those in flight around them arrive, in order", async ({
  wire,
}) => {
  await wire.route();
  const publisher = await wire.publisher();
  const missing = new Set([100, 150, 151]);
  const published = Array.from({ length: 300 }, (_, at) =>
    publisher.publish(message(at, missing.has(at) ? { exchange: "nope" } : {})),
  );
  expect(await outcomes(published)).toEqual(
    published.map((_, at) => (missing.has(at) ? "BROKER_REFUSED" : "confirmed")),
  );
  await expect(published[100]).rejects.toThrow(/message "100" was refused: 404 .*no exchange 'nope'/);
  expect(firsts(await wire.ids())).toEqual(
    published.map((_, at) => String(at)).filter((id) => !missing.has(Number(id))),
  );
});

it("an exchange that the user may not write to costs only the messages for it", async ({ vhost, wire }) => {
  await wire.route();
  await vhost.createExchange("closed", "topic");
  const { amqpUrl: url } = await vhost.user({ write: "^e$" });
  const publisher = createPublisher(await wire.connect({ url }));
  const published = [message(1), message(2, { exchange: "closed" }), message(3)].map((each) => publisher.publish(each));
  expect(await outcomes(published)).toEqual(["confirmed", "BROKER_REFUSED", "confirmed"]);
});

it("a body larger than the broker takes is refused, once by the broker and from then on by us; the others arrive", async ({
  broker,
  wire,
}) => {
  await wire.route();
  const limit = Number(broker.version.split(".")[0]) >= 4 ? 16 * 1024 * 1024 : 128 * 1024 * 1024;
  const publisher = await wire.publisher({ maxBytes: 4 * limit });
  const large = Buffer.alloc(limit + 1);
  const published = [message(1), message(2, { body: large }), message(3)].map((each) => publisher.publish(each));
  expect(await outcomes(published)).toEqual(["confirmed", "BROKER_REFUSED", "confirmed"]);
  const again = [publisher.publish(message(4, { body: large })), publisher.publish(message(5))];
  expect(await outcomes(again)).toEqual(["BROKER_REFUSED", "confirmed"]);
  expect(firsts(await wire.ids())).toEqual(["1", "3", "5"]);
});

it("a message that costs the whole connection is found among those in flight, and only it is refused", async ({
  wire,
}) => {
  await wire.route();
  const publisher = await wire.publisher();
  // A header frame larger than frame_max: the broker ends the connection (501) and does not say over which message.
  const poison = { headers: { large: "x".repeat(50_000), larger: "x".repeat(50_000), largest: "x".repeat(50_000) } };
  const published = Array.from({ length: 40 }, (_, at) => publisher.publish(message(at, at === 17 ? poison : {})));
  expect(await outcomes(published)).toEqual(published.map((_, at) => (at === 17 ? "BROKER_REFUSED" : "confirmed")));
  expect(firsts(await wire.ids())).toEqual(published.map((_, at) => String(at)).filter((id) => id !== "17"));
});

it("a message that cannot be encoded is refused and harms no other", async ({ wire }) => {
  await wire.route();
  const publisher = await wire.publisher();
  const published = [
    publisher.publish(message(1)),
    publisher.publish(message(2, { routingKey: "x".repeat(256) })),
    publisher.publish(message(3, { headers: { a: () => {} } })),
    publisher.publish(message(4, { priority: 1_000 })),
    publisher.publish(message(5)),
  ];
  expect(await outcomes(published)).toEqual([
    "confirmed",
    "BROKER_REFUSED",
    "BROKER_REFUSED",
    "BROKER_REFUSED",
    "confirmed",
  ]);
  expect(await wire.ids()).toEqual(["1", "5"]);
});

it("what is not confirmed in time rejects with PUBLISH_TIMEOUT and is not sent again", async ({
  broker,
  wire,
  skip,
}) => {
  await wire.route();
  const publisher = await wire.publisher({ confirmTimeoutMs: 200, maxInFlight: 1 });
  await befall(skip, () => broker.faults.freeze());
  const published = [publisher.publish(message("in flight")), publisher.publish(message("waiting"))];
  const patient = publisher.publish(message("patient", { timeoutMs: 60_000 }));
  expect(await outcomes(published)).toEqual(["PUBLISH_TIMEOUT", "PUBLISH_TIMEOUT"]);
  expect(publisher.pending.messages).toBe(1);
  // What the frozen broker has not read is lost with it: all that arrives was sent again.
  await broker.faults.stop({ abrupt: true });
  await broker.faults.start();
  await patient;
  expect(await wire.ids()).toEqual(["patient"]);
  expect(publisher.pending).toEqual({ messages: 0, bytes: 0 });
});

it("a custom timeout does not wait for the default one", async ({ broker, wire, skip }) => {
  await wire.route();
  const publisher = await wire.publisher();
  await befall(skip, () => broker.faults.freeze());
  const patient = publisher.publish(message("patient"));
  const hasty = publisher.publish(message("hasty", { timeoutMs: 100 }));
  await expect(hasty).rejects.toMatchObject({ code: "PUBLISH_TIMEOUT" });
  await broker.faults.thaw();
  await patient;
});

it("past the bound on messages, and on bytes, a message is not taken: BUFFER_FULL", async ({ wire }) => {
  await wire.route();
  const byCount = await wire.publisher({ maxInFlight: 1, maxWaiting: 2 });
  await byCount.publish(message(0));
  expect(await outcomes([1, 2, 3, 4].map((id) => byCount.publish(message(id))))).toEqual([
    "confirmed",
    "confirmed",
    "confirmed",
    "BUFFER_FULL",
  ]);
  const byBytes = await wire.publisher({ maxBytes: 100 });
  const half = { body: Buffer.alloc(60) };
  expect(await outcomes([byBytes.publish(message(1, half)), byBytes.publish(message(2, half))])).toEqual([
    "confirmed",
    "BUFFER_FULL",
  ]);
  await byBytes.publish(message(3, { body: Buffer.alloc(1_000) }));
});

it("closing waits for what is pending, takes nothing more, and rejects what is left with CLOSING", async ({
  broker,
  wire,
  skip,
}) => {
  await wire.route();
  const orderly = await wire.publisher();
  const published = Array.from({ length: 100 }, (_, at) => orderly.publish(message(at)));
  await orderly.close();
  expect(new Set(await outcomes(published))).toEqual(new Set(["confirmed"]));
  await expect(orderly.publish(message("late"))).rejects.toMatchObject({ code: "CLOSING", messageId: "late" });
  const hurried = await wire.publisher();
  await befall(skip, () => broker.faults.freeze());
  const stuck = hurried.publish(message("stuck"));
  await Promise.all([hurried.close(50), expect(stuck).rejects.toMatchObject({ code: "CLOSING" })]);
  await broker.faults.thaw();
});

it("what was unconfirmed when the broker died is sent again, in order, with the same ids, before what waited", async ({
  broker,
  wire,
  skip,
}) => {
  await wire.route();
  const publisher = await wire.publisher({ maxInFlight: 20 });
  await befall(skip, () => broker.faults.freeze());
  const published = Array.from({ length: 50 }, (_, at) => publisher.publish(message(at)));
  expect(publisher.pending.messages).toBe(50);
  await broker.faults.stop({ abrupt: true });
  await vi.waitFor(() => expect(publisher.connection.state).toBe("connecting"));
  published.push(publisher.publish(message(50)));
  await broker.faults.start();
  await Promise.all(published);
  expect(await wire.ids()).toEqual(published.map((_, at) => String(at)));
});

it("while connections are cut again and again, all that was confirmed is in the queue, in order", async ({
  vhost,
  wire,
}) => {
  await wire.route();
  const publisher = await wire.publisher({ maxInFlight: 100 });
  const confirmed = new Set<string>();
  const published: Promise<void>[] = [];
  let cut = 0;
  const cutting = (async () => {
    for (; cut < 3; cut++) await vhost.closeConnections({ name: /publisher/ });
  })();
  for (let at = 0; at < 1_000 || cut < 3; at++) {
    const id = String(at);
    published.push(publisher.publish(message(id)).then(() => void confirmed.add(id)));
    if (at % 50 === 0) await publisher.flush();
  }
  await cutting;
  await Promise.all(published);
  const ids = await wire.ids();
  const there = new Set(ids);
  expect([...confirmed].filter((id) => !there.has(id))).toEqual([]);
  expect(confirmed.size).toBe(published.length);
  expect(firsts(ids)).toEqual(published.map((_, at) => String(at)));
});

it("a publisher with a topology puts it back before it sends anything on a new connection", async ({ vhost, wire }) => {
  const topology = {
    exchanges: [{ name: "e", type: "topic" as const }],
    queues: [{ queueType: "classic" as const, name: "q" }],
    bindings: [{ exchange: "e", queue: "q", pattern: "yes.#" }],
  };
  const publisher = await wire.publisher({ topology });
  await publisher.publish(message(1));
  await vhost.deleteQueue("q");
  await vhost.deleteExchange("e");
  await vhost.closeConnections({ name: /publisher/ });
  await publisher.publish(message(2));
  expect(await wire.ids()).toEqual(["2"]);
});

it("a publisher whose topology differs from what is there says so and publishes all the same", async ({ wire }) => {
  await wire.route();
  const warn = vi.fn<(details: object, message: string) => void>();
  const logger = { debug() {}, info() {}, warn, error() {} };
  const connection = await wire.connect({ logger });
  const topology = { exchanges: [{ name: "e", type: "fanout" as const }], queues: [], bindings: [] };
  const publisher = createPublisher(connection, { topology });
  await publisher.publish(message(1));
  expect(warn.mock.calls.map(([, text]) => text).join("\n")).toMatch(/exchange "e" exists with type=topic/);
});

it("what waited while the broker was away is in the stream once it is back, and none of it is called unroutable", async ({
  broker,
  wire,
  skip,
}) => {
  const topology = eventLogTopology({ exchange: "e", log: {} });
  const publisher = await wire.publisher({ topology });
  await publisher.publish(message(0));
  await befall(skip, () => broker.faults.stop());
  const published = Array.from({ length: 100 }, (_, at) => publisher.publish(message(at + 1)));
  await broker.faults.start();
  expect(new Set(await outcomes(published))).toEqual(new Set(["confirmed"]));
  const got: string[] = [];
  const consumer = createConsumer(await wire.connect(), {
    queue: "e.log",
    prefetch: 200,
    arguments: () => ({ "x-stream-offset": "first" }),
    onDeliveries: (deliveries) => void got.push(...deliveries.map(({ properties }) => properties.messageId ?? "")),
  });
  await vi.waitFor(() => expect(firsts(got)).toEqual(Array.from({ length: 101 }, (_, at) => String(at))), {
    timeout: 10_000,
  });
  await consumer.close();
});
