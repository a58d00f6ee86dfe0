import { expect, vi } from "vitest";
import { createConnection, createConsumer, createPublisher } from "../../src/index.ts";
import { befall, it, message } from "./wire.ts";

it("a refused password is refused for good, without saying it", async ({ vhost }) => {
  const url = new URL(vhost.amqpUrl);
  url.password = "s3cret";
  const connection = createConnection({ url: url.href, name: "test" });
  const refused = await connection.opened().catch((error: unknown) => error);
  expect(refused).toMatchObject({ name: "ConnectionRefused", code: "BROKER_PASSWORD_REFUSED" });
  expect(String(refused)).toMatch(new RegExp(`user "${url.username}" or its password`));
  expect(String(refused)).not.toContain("s3cret");
  expect(connection.state).toBe("closed");
});

it("a missing virtual host is refused for good, by its name", async ({ vhost }) => {
  const connection = createConnection({ url: `${vhost.amqpUrl}-not`, name: "test" });
  await expect(connection.opened()).rejects.toMatchObject({
    code: "BROKER_VHOST_MISSING",
    message: expect.stringContaining(`"${vhost.name}-not"`) as string,
  });
});

it("a virtual host that the user may not enter is refused for good", async ({ broker, vhost }) => {
  const other = await broker.createVhost("other");
  try {
    const { amqpUrl } = await other.user();
    const url = new URL(amqpUrl);
    url.pathname = new URL(vhost.amqpUrl).pathname;
    const connection = createConnection({ url: url.href, name: "test" });
    await expect(connection.opened()).rejects.toMatchObject({ code: "BROKER_VHOST_REFUSED" });
  } finally {
    await other.remove();
  }
});

it("shows its name to the broker and the broker's version to us", async ({ broker, vhost, wire }) => {
  const connection = await wire.connect({ name: "a name to be seen" });
  expect(connection.server).toEqual({ product: "RabbitMQ", version: broker.version });
  expect((await vhost.connections()).map(({ name }) => name)).toContain("a name to be seen");
});

it("a connection that was closed by an operator comes back with its consumer and publisher", async ({
  vhost,
  wire,
}) => {
  await wire.route();
  const publisher = await wire.publisher();
  const connection = await wire.connect({ name: "consumer" });
  const states: string[] = [];
  connection.onChange(({ state }) => states.push(state));
  const got: string[] = [];
  const consumer = createConsumer(connection, {
    queue: "q",
    prefetch: 10,
    onDeliveries(deliveries) {
      for (const delivery of deliveries) {
        got.push(delivery.properties.messageId ?? "");
        delivery.ack();
      }
    },
  });
  await consumer.ready;
  for (let round = 1; round <= 3; round++) {
    expect(await vhost.closeConnections()).toBeGreaterThan(0);
    await publisher.publish(message(round));
    await vi.waitFor(() => expect(got).toContain(String(round)), { timeout: 10_000 });
  }
  expect(states.slice(0, 4)).toEqual(["connecting", "open", "connecting", "open"]);
  expect(connection.lastError).toMatchObject({ code: "CONNECTION_LOST" });
  await consumer.close();
});

it("a broker that was stopped and started finds its consumer and publisher back", async ({ broker, wire, skip }) => {
  await wire.route();
  const publisher = await wire.publisher();
  const connection = await wire.connect();
  const got: string[] = [];
  const consumer = createConsumer(connection, {
    queue: "q",
    prefetch: 10,
    onDeliveries(deliveries) {
      for (const delivery of deliveries) got.push(delivery.properties.messageId ?? "");
      deliveries.at(-1)?.ackUpTo();
    },
  });
  await consumer.ready;
  await befall(skip, () => broker.faults.stop());
  await vi.waitFor(() => expect(connection.state).toBe("connecting"));
  expect(consumer.attached).toBe(false);
  const published = publisher.publish(message("while it was away"));
  await broker.faults.start();
  await published;
  await vi.waitFor(() => expect(got).toEqual(["while it was away"]), { timeout: 10_000 });
  await consumer.close();
});

it("a broker that says nothing for longer than the heartbeat is given up, and found again", async ({
  broker,
  wire,
  skip,
}) => {
  const connection = await wire.connect({ heartbeatSeconds: 1 });
  await befall(skip, () => broker.faults.freeze());
  try {
    await vi.waitFor(() => expect(connection.state).toBe("connecting"), { timeout: 10_000 });
    expect(connection.lastError?.message).toMatch(/heartbeat/i);
  } finally {
    await broker.faults.thaw();
  }
  await connection.opened();
});

it("what would be refused at first is tried again once the connection was open", async ({ broker }) => {
  const doomed = await broker.createVhost("doomed");
  const connection = createConnection({ url: doomed.amqpUrl, name: "test" });
  try {
    await connection.opened();
  } finally {
    await doomed.remove();
  }
  await vi.waitFor(() => expect(connection.lastError).toMatchObject({ code: "BROKER_VHOST_MISSING" }), {
    timeout: 10_000,
  });
  expect(connection.state).toBe("connecting");
  await connection.close();
});

it("a broker short of memory blocks who publishes; it is seen, nothing more is sent, and all of it flows afterwards", async ({
  broker,
  wire,
  skip,
}) => {
  await wire.route();
  const publisher = await wire.publisher({ maxInFlight: 1 });
  const { connection } = publisher;
  const other = await wire.connect({ name: "consumer" });
  const seen: (string | undefined)[] = [];
  connection.onChange(({ blocked }) => seen.push(blocked));
  await befall(skip, () => broker.faults.raiseMemoryAlarm());
  const published = Array.from({ length: 20 }, (_, at) => publisher.publish(message(at)));
  try {
    await vi.waitFor(() => expect(connection.blocked).toMatch(/memory/i), { timeout: 10_000 });
    expect(other.blocked).toBeUndefined();
    expect(publisher.pending.messages).toBe(20);
  } finally {
    await broker.faults.clearMemoryAlarm();
  }
  await Promise.all(published);
  expect(connection.blocked).toBeUndefined();
  expect(seen.some((blocked) => blocked !== undefined)).toBe(true);
  expect(await wire.ids()).toEqual(published.map((_, at) => String(at)));
});

it("a connection that is blocked can be closed", async ({ broker, wire, skip }) => {
  await wire.route();
  const connection = await wire.connect();
  const publisher = createPublisher(connection);
  await befall(skip, () => broker.faults.raiseMemoryAlarm());
  try {
    const published = publisher.publish(message(1));
    published.catch(() => {});
    await vi.waitFor(() => expect(connection.blocked).toBeDefined(), { timeout: 10_000 });
    await connection.close();
    await expect(published).rejects.toMatchObject({ code: "CLOSING" });
  } finally {
    await broker.faults.clearMemoryAlarm();
  }
});
