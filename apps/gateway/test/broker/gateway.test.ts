import { FaultUnavailable } from "@warren/broker";
import { ConfigError } from "@warren/service";
import { expect } from "vitest";
import { expectChained } from "../gate-fixture.ts";
import { it, YAML } from "./gateway-fixture.ts";

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

it("what a client emits is acked when the broker has it, and reaches subscribers of both namespaces of the exchange", async ({
  start,
}) => {
  const { connect } = await start();
  const [root, chat] = [connect("/"), connect("/chat")];
  await Promise.all([root.live(), chat.live()]);
  expect(await root.socket.emitWithAck("chat message", "hello", "offset-1")).toEqual({ ok: true, id: "offset-1" });
  await Promise.all([root.received(1), chat.received(1)]);
  for (const { events } of [root, chat]) {
    expect(events).toMatchObject([
      { type: "chat message", data: "hello", meta: { id: "offset-1", topic: "general", time: expect.any(Number) } },
    ]);
  }
});

it("anyone may publish: messages without id, type, time or JSON reach the clients, none is dropped, none is fatal", async ({
  start,
  vhost,
}) => {
  const { connect } = await start();
  const client = connect("/github");
  await client.live();
  const odd: [routingKey: string, body: Buffer, properties: object][] = [
    ["plain", Buffer.from("just text"), {}],
    ["empty", Buffer.alloc(0), { content_type: "application/json" }],
    ["broken", Buffer.from("{"), { content_type: "application/json" }],
    ["binary", Buffer.from([0, 255, 1]), { content_type: "application/octet-stream" }],
    ["reserved", Buffer.from("{}"), { content_type: "application/json", type: "disconnect" }],
    ["odd.headers", Buffer.from("1"), { content_type: "application/json", headers: { list: [1, 2], table: { a: 1 } } }],
    ["", Buffer.from("2"), { content_type: "application/json" }],
    ["5MB", Buffer.from(JSON.stringify("x".repeat(5 * 1024 ** 2))), { content_type: "application/json" }],
    [
      "good",
      Buffer.from('{"n":1.0}'),
      { content_type: "application/json", type: "good", message_id: "m1", timestamp: 1_700_000_000 },
    ],
  ];
  for (const [routingKey, body, properties] of odd)
    expect(await vhost.publish("github", routingKey, body, properties)).toEqual({ routed: true });
  await client.received(odd.length);
  expect(client.events.map(({ meta }) => meta.topic)).toEqual(odd.map(([routingKey]) => routingKey));
  const [plain, empty, broken, binary, reserved, headers, nameless, large, good] = client.events;
  expect(Buffer.from(plain!.data as Uint8Array).toString()).toBe("just text");
  expect(Buffer.from(empty!.data as Uint8Array)).toHaveLength(0);
  expect(Buffer.from(broken!.data as Uint8Array).toString()).toBe("{");
  expect([...(binary!.data as Uint8Array)]).toEqual([0, 255, 1]);
  expect(reserved).toMatchObject({ type: "event:disconnect", meta: { type: "disconnect" } });
  expect(headers).toMatchObject({ type: "odd.headers", data: 1 });
  expect(nameless).toMatchObject({ type: "", data: 2, meta: { topic: "" } });
  expect(large!.data).toHaveLength(5 * 1024 ** 2);
  expect(good).toMatchObject({ type: "good", data: { n: 1 }, meta: { id: "m1", time: 1_700_000_000_000 } });
  expectChained(client.events);
});

it("a client that comes back to another gateway gets exactly what it missed", async ({ start }) => {
  const one = await start();
  const client = one.connect("/chat");
  await client.live();
  for (const number of range(1, 20)) await client.socket.emitWithAck("n", number);
  await client.received(20);
  const { position } = client.events[9]!.meta;
  await one.close();
  const two = await start();
  const again = two.connect("/chat", { position });
  await again.live();
  expect(again.numbers).toEqual(range(11, 20));
  expect(again.gaps).toEqual([]);
});

it("through a broker that stops and starts, every acked publish reaches every client once, in order", async ({
  start,
  broker,
  skip,
}) => {
  const { connect, gateway } = await start();
  const [publishing, listening] = [connect("/chat"), connect("/chat")];
  await Promise.all([publishing.live(), listening.live()]);
  const acked: number[] = [];
  let stop = false;
  const publish = (async () => {
    for (let number = 1; !stop; number++) {
      const answer = (await publishing.socket.emitWithAck("n", number)) as { ok: boolean };
      if (answer.ok) acked.push(number);
    }
  })();
  await listening.received(50);
  try {
    await broker.faults.stop();
  } catch (error) {
    stop = true;
    await publish;
    if (error instanceof FaultUnavailable) return skip(error.message);
    throw error;
  }
  expect((await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).status).toBe(503);
  expect((await fetch(`http://127.0.0.1:${gateway.port}/healthz`)).status).toBe(200);
  await broker.faults.start();
  const before = listening.events.length;
  await listening.received(before + 50);
  stop = true;
  await publish;
  await listening.until(() => acked.length === 0 || (listening.numbers as number[]).includes(acked.at(-1)!));
  const received = listening.numbers as number[];
  expect(acked.filter((number) => !received.includes(number))).toEqual([]);
  expect(received).toEqual([...new Set(received)].sort((a, b) => a - b));
  expectChained(listening.events);
  await expect.poll(async () => (await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).status).toBe(200);
});

it("a log that is deleted under a connected client is announced, and goes on", async ({ start, vhost }) => {
  const { connect } = await start();
  const client = connect("/chat");
  await client.live();
  for (const number of range(1, 5)) await client.socket.emitWithAck("n", number);
  await client.received(5);
  await vhost.deleteQueue("chat.log");
  await client.until(() => client.gaps.length > 0);
  expect(client.gaps).toMatchObject([{ reason: "reset" }]);
  await expect
    .poll(async () => ((await client.socket.emitWithAck("n", 6, "six")) as { ok: boolean }).ok, { timeout: 10_000 })
    .toBe(true);
  await client.until(() => client.numbers.includes(6));
});

it("starts when the broker comes, and says until then that it is not ready", async ({ start, broker, skip }) => {
  try {
    await broker.faults.stop();
  } catch (error) {
    if (error instanceof FaultUnavailable) return skip(error.message);
    throw error;
  }
  const starting = start();
  await broker.faults.start();
  const { gateway } = await starting;
  expect(await (await fetch(`http://127.0.0.1:${gateway.port}/readyz`)).json()).toMatchObject({ ready: true });
});

it("a broker that refuses the password, or a log with other settings, ends the start with one clear sentence", async ({
  start,
  vhost,
}) => {
  const wrong = new URL(vhost.amqpUrl);
  wrong.password = "wrong";
  await expect(start({ amqpUrl: wrong.href })).rejects.toSatisfy(
    (error) =>
      error instanceof ConfigError && /password|refuse/i.test(error.message) && !error.message.includes("wrong@"),
  );
  const { close } = await start();
  await close();
  const other = YAML.replace("exchange: github,", "exchange: github, log: { maxAge: 1h },");
  await expect(start({ yaml: other })).rejects.toSatisfy(
    (error) =>
      error instanceof ConfigError &&
      /github\.log/.test(error.message) &&
      /1h/.test(error.message) &&
      /7D/.test(error.message),
  );
});

it("an exchange of somebody else's is bound to and not declared; a missing one is named", async ({ start, vhost }) => {
  const yaml = "namespaces: { /theirs: { exchange: theirs, declare: false, anonymous: true, defaultTopics: ['#'] } }";
  await expect(start({ yaml })).rejects.toThrow(/theirs/);
  await vhost.createExchange("theirs", "topic");
  const { connect } = await start({ yaml });
  const client = connect("/theirs");
  await client.live();
  await vhost.publish("theirs", "a.b", "hello", { content_type: "text/plain" });
  await client.received(1);
  expect(client.events).toMatchObject([{ type: "a.b", data: "hello" }]);
});
