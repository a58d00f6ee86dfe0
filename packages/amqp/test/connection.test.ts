import { afterEach, expect, test, vi } from "vitest";
import { createConnection, createConsumer, createPublisher, type Connection } from "../src/index.ts";
import { method, scriptBroker } from "./scripted-broker.ts";

const open: Connection[] = [];
afterEach(() => Promise.all(open.splice(0).map((connection) => connection.close())));

function connect(url: string, options: { connectTimeoutMs?: number } = {}): Connection {
  const connection = createConnection({ url, name: "test", ...options });
  open.push(connection);
  return connection;
}

test("a RabbitMQ before 3.10 is refused for good, with its version and what to do", async () => {
  await using broker = await scriptBroker({ version: "3.8.9" });
  const connection = connect(broker.url);
  await expect(connection.opened()).rejects.toMatchObject({
    name: "ConnectionRefused",
    code: "BROKER_TOO_OLD",
    message: expect.stringMatching(/RabbitMQ 3\.8\.9: Warren needs 3\.10 or later/) as string,
  });
  expect(connection.state).toBe("closed");
  await expect(connection.opened()).rejects.toMatchObject({ code: "BROKER_TOO_OLD" });
});

test("something that answers without speaking AMQP is refused for good", async () => {
  await using broker = await scriptBroker({
    onConnection(socket) {
      socket.end("HTTP/1.1 400 Bad Request\r\nconnection: close\r\n\r\n");
      return "scripted";
    },
  });
  await expect(connect(broker.url).opened()).rejects.toMatchObject({ code: "BROKER_NOT_AMQP" });
});

test.each([
  ["not a url", /no URL/],
  ["http://user:s3cret@host/", /begins with "http:"/],
  ["amqp://user:s3cret%ZZ@host/", /password is not percent-encoded/],
])("the URL %j is refused at once, without its password", (url, message) => {
  const create = (): Connection => createConnection({ url, name: "test" });
  expect(create).toThrow(expect.objectContaining({ code: "BROKER_URL_INVALID" }));
  expect(create).toThrow(message);
  expect(create).not.toThrow(/s3cret/);
});

test("a handshake that hangs is given up after connectTimeoutMs and tried again", async () => {
  await using broker = await scriptBroker({
    onConnection: (_socket, count) => (count === 1 ? "scripted" : undefined),
  });
  const connection = connect(broker.url, { connectTimeoutMs: 100 });
  await vi.waitFor(() => expect(connection.lastError?.message).toMatch(/no answer within 100 ms/));
  await connection.opened();
  expect(broker.connections).toBe(2);
});

test("a broker that opens a connection and ends it in the same breath harms nobody", async () => {
  let opened = 0;
  await using broker = await scriptBroker({
    answers: (name) =>
      name === "ConnectionOpen" && ++opened === 1
        ? [
            method("ConnectionOpenOk", 0, {}),
            method("ConnectionClose", 0, { replyCode: 541, replyText: "INTERNAL_ERROR", classId: 0, methodId: 0 }),
          ]
        : undefined,
  });
  const connection = connect(broker.url);
  await connection.opened();
  expect(opened).toBe(2);
  expect(connection.lastError?.message).toMatch(/INTERNAL_ERROR/);
});

test("a broker that opens a channel and ends it in the same breath costs that channel only", async () => {
  let channels = 0;
  await using broker = await scriptBroker({
    answers: (name, { channel }) =>
      name === "ChannelOpen" && ++channels === 1
        ? [
            method("ChannelOpenOk", channel, {}),
            method("ChannelClose", channel, { replyCode: 541, replyText: "INTERNAL_ERROR", classId: 0, methodId: 0 }),
          ]
        : undefined,
  });
  const connection = connect(broker.url);
  const publisher = createPublisher(connection);
  await publisher.publish({ exchange: "e", routingKey: "k", body: Buffer.from("x"), id: "1" });
  expect(channels).toBe(2);
  expect(broker.connections).toBe(1);
});

test.each([
  ["bytes that are no frame", Buffer.from("this is no frame at all, whoever sends it")],
  ["a frame on a channel that is not open", method("BasicAck", 77, { deliveryTag: 1, multiple: false })],
  ["a confirm of what was never published", method("BasicAck", 1, { deliveryTag: 9_000, multiple: true })],
  ["a delivery for no consumer", method("BasicCancel", 1, { consumerTag: "nobody", nowait: true })],
  [
    "a channel answer that nobody asked for",
    method("QueueDeclareOk", 1, { queue: "q", messageCount: 0, consumerCount: 0 }),
  ],
])("%s cannot end the process, and the connection is there afterwards", async (_what, bytes) => {
  let sent = false;
  let said = false;
  await using broker = await scriptBroker({
    answers: (name, { channel }, socket) => {
      if (name !== "ConfirmSelect" || sent) return undefined;
      sent = true;
      setImmediate(() => socket.write(bytes, () => (said = true)));
      return [method("ConfirmSelectOk", channel, {})];
    },
  });
  const connection = connect(broker.url);
  const publisher = createPublisher(connection);
  await vi.waitFor(() => expect(said).toBe(true));
  await publisher.publish({ exchange: "e", routingKey: "k", body: Buffer.from("x"), id: "1" });
  await publisher.close();
});

test("while no broker is there, an aborted wait ends with the signal's reason and closes the connection", async () => {
  const broker = await scriptBroker({});
  await broker[Symbol.asyncDispose]();
  const connection = connect(broker.url);
  const abort = new AbortController();
  const opened = connection.opened(abort.signal);
  await vi.waitFor(() => expect(connection.lastError?.message).toMatch(/ECONNREFUSED/));
  expect(connection.lastError?.message).not.toMatch(/s3cret/);
  abort.abort(new Error("no longer wanted"));
  await expect(opened).rejects.toThrow("no longer wanted");
  await vi.waitFor(() => expect(connection.state).toBe("closed"));
});

test("closing a connection that is still connecting ends it, and all that waited on it", async () => {
  await using broker = await scriptBroker({ onConnection: () => "scripted" });
  const connection = connect(broker.url);
  const publisher = createPublisher(connection);
  const consumer = createConsumer(connection, { queue: "q", prefetch: 1, onDeliveries() {} });
  const opened = connection.opened();
  const published = publisher.publish({ exchange: "e", routingKey: "k", body: Buffer.alloc(0), id: "1" });
  await vi.waitFor(() => expect(broker.connections).toBe(1));
  await Promise.all([
    expect(opened).rejects.toMatchObject({ code: "CONNECTION_CLOSED" }),
    expect(consumer.ready).rejects.toMatchObject({ code: "CONNECTION_CLOSED" }),
    expect(published).rejects.toMatchObject({ code: "CLOSING" }),
    connection.close(),
  ]);
  expect(connection.state).toBe("closed");
});

test("a broker that does not answer the goodbye does not keep the connection from closing", async () => {
  await using broker = await scriptBroker({ answers: (name) => (name === "ConnectionClose" ? [] : undefined) });
  const connection = connect(broker.url);
  await connection.opened();
  await connection.close();
  expect(connection.state).toBe("closed");
}, 10_000);

test("a listener that throws keeps neither the others nor the connection from going on", async () => {
  await using broker = await scriptBroker({});
  const connection = connect(broker.url);
  const seen: string[] = [];
  connection.onChange(() => {
    throw new Error("a listener's fault");
  });
  const remove = connection.onChange(({ state }) => seen.push(state));
  await connection.opened();
  remove();
  await connection.close();
  expect(seen).toEqual(["open"]);
});
