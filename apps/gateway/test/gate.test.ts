import { once } from "node:events";
import { request, type IncomingMessage } from "node:http";
import { json } from "node:stream/consumers";
import { clientError, type ClientError } from "@warren/events";
import { describe, expect, it } from "vitest";
import { appendNumber, openGate, type TestClient } from "./gate-fixture.ts";

async function refusalOf(client: TestClient): Promise<ClientError> {
  const error = await client.message<Error & { data: ClientError }>("connect_error");
  return error.data;
}

describe("the gate", () => {
  it.each<[code: string, namespace: string, auth: object]>([
    ["NAMESPACE_UNKNOWN", "/nowhere", {}],
    ["NAMESPACE_UNKNOWN", "/", {}],
    ["AUTH_REQUIRED", "/private", {}],
    ["PATTERN_INVALID", "/chat", { topics: ["a.b*"] }],
    ["PATTERN_INVALID", "/chat", { topics: "#" }],
    ["SUBSCRIPTIONS_EXCEEDED", "/chat", { topics: Array.from({ length: 101 }, (_, index) => `t.${index}`) }],
    ["FORBIDDEN", "/limited", { topics: ["#"] }],
    ["POSITION_INVALID", "/chat", { position: "nonsense" }],
  ])("refuses with %s: %s %j", async (code, namespace, auth) => {
    const { connect } = await openGate({
      yaml: [
        "namespaces:",
        "  /chat: { exchange: chat, anonymous: true }",
        "  /private: { exchange: chat }",
        "  /limited: { exchange: chat, anonymous: true, subscribe: ['room.*'] }",
      ].join("\n"),
    });
    const refusal = await refusalOf(connect(auth, { namespace }));
    expect(refusal).toMatchObject({ code, retryable: false, message: expect.stringMatching(/./) });
  });

  it("refuses with a time to come back when it holds as many connections as it may", async () => {
    const { connect } = await openGate({ limits: "{ maxConnections: 1 }" });
    await connect().live();
    expect(await refusalOf(connect())).toMatchObject({
      code: "CONNECTIONS_EXCEEDED",
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
  });

  it("forgets the unknown namespaces that were asked for", async () => {
    const { connect, gate } = await openGate();
    for (let index = 0; index < 20; index++) await refusalOf(connect({}, { namespace: `/x${index}` }));
    expect(gate.namespaces).toEqual(["/", "/chat"]);
  });

  it("acks what a client emits once it is published, with its id, and every subscriber gets it", async () => {
    const { connect, published } = await openGate();
    const [one, two] = [connect(), connect()];
    await one.live();
    await two.live();
    expect(await one.socket.emitWithAck("chat message", { text: "hi" }, "id-1")).toEqual({ ok: true, id: "id-1" });
    await two.received(1);
    expect(two.events[0]).toMatchObject({
      type: "chat message",
      data: { text: "hi" },
      meta: { id: "id-1", topic: "chat message", time: expect.any(Number) },
    });
    await one.received(1);
    expect(published).toHaveLength(1);
  });

  it("answers what cannot be published with a coded error, and publishes none of it", async () => {
    const { connect, published } = await openGate({
      yaml: "namespaces: { /chat: { exchange: chat, anonymous: true, publish: ['room.*'] } }",
    });
    const { socket, live } = connect();
    await live.call(connect());
    const emit = async (...args: [string, ...unknown[]]) =>
      ((await socket.emitWithAck(...args)) as { error: ClientError }).error;
    expect(await emit("e", 1, { topic: "elsewhere" })).toMatchObject({ code: "FORBIDDEN", retryable: false });
    expect(await emit("warren:nonsense", {})).toMatchObject({ code: "EVENT_RESERVED" });
    expect(await emit("e", "x".repeat(5 * 1024 ** 2), { topic: "room.1" })).toMatchObject({
      code: "PAYLOAD_TOO_LARGE",
    });
    expect(await emit("e", { deep: Buffer.from("x") }, { topic: "room.1" })).toMatchObject({ code: "PAYLOAD_INVALID" });
    expect(await emit("warren:subscribe", "topics")).toMatchObject({ code: "EVENT_INVALID" });
    expect(await emit("warren:subscribe", { topics: ["a#"] })).toMatchObject({ code: "PATTERN_INVALID" });
    expect(await emit("warren:unsubscribe", {})).toMatchObject({ code: "PATTERN_INVALID" });
    expect(published).toEqual([]);
    expect(await socket.emitWithAck("e", null, { topic: "room.1" })).toMatchObject({
      ok: true,
      id: expect.any(String),
    });
  });

  it("tells every client to come back at its own moment when it drains", async () => {
    const { connect, gate } = await openGate();
    const clients = Array.from({ length: 5 }, () => connect());
    for (const client of clients) await client.live();
    await gate.drain();
    const delays = await Promise.all(
      clients.map((client) => client.message<{ retryAfterMs: number }>("warren:closing")),
    );
    expect(new Set(delays.map(({ retryAfterMs }) => retryAfterMs)).size).toBeGreaterThan(1);
  });

  it("turns a storm away while as many clients as may are catching up, and all of them come back by themselves and miss nothing", async () => {
    const gate = await openGate({
      limits: "{ catchingUp: 5, socketBudget: 16KiB }",
      prefill: (log) => {
        for (let number = 1; number <= 2000; number++) appendNumber(log, number);
      },
    });
    const clients = Array.from({ length: 40 }, (_, index) =>
      gate.connect(
        { position: "first" },
        {
          reconnection: true,
          reconnectionDelay: 20,
          reconnectionDelayMax: 200,
          transports: [index % 2 === 0 ? "websocket" : "polling"],
        },
      ),
    );
    await Promise.all(clients.map((client) => client.live()));
    expect(clients.some(({ all }) => all.some(({ name }) => name === "connect_error"))).toBe(true);
    for (const client of clients) expect(client.events).toHaveLength(2000);
  });

  it("answers whom it turns away with a code and a time to come back", async () => {
    const { url } = await openGate({ refusal: clientError("NOT_READY", "this gateway is still starting", 1_000) });
    const answer = await fetch(`${url}/socket.io/?EIO=4&transport=polling`);
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([503, "1"]);
    const expected = { error: clientError("NOT_READY", "this gateway is still starting", 1_000) };
    expect(await answer.json()).toEqual(expected);
    const upgrade = request(`${url}/socket.io/?EIO=4&transport=websocket`, {
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "AAAAAAAAAAAAAAAAAAAAAA==",
      },
    }).end();
    const [response] = (await once(upgrade, "response")) as [IncomingMessage];
    expect([response.statusCode, response.headers["retry-after"]]).toEqual([503, "1"]);
    expect(await json(response)).toEqual(expected);
  });
});
