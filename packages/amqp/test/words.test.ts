import { expect, test } from "vitest";
import { createBackoff } from "../src/backoff.ts";
import { parseBrokerUrl } from "../src/broker-url.ts";
import { explainRefusal, parseInequivalence } from "../src/declare-refusal.ts";
import { ConnectionLost } from "../src/errors.ts";
import { createConnection, createConsumer, createPublisher } from "../src/index.ts";
import { messageFault, publishOptions } from "../src/outgoing-message.ts";
import { accused, refusalOf, sizeLimit } from "../src/publish-refusal.ts";
import { explainHandshake } from "../src/refusal.ts";

test("waits are random below a ceiling that doubles up to the maximum and falls back on success", () => {
  const highest = createBackoff(100, 500, () => 1);
  expect([highest.next(), highest.next(), highest.next(), highest.next()]).toEqual([100, 200, 400, 500]);
  highest.reset();
  expect(highest.next()).toBe(100);
  expect(createBackoff(100, 500, () => 0).next()).toBe(0);
});

test.each([
  ["amqp://host", { host: "host", port: 5672, tls: false, username: "guest", password: "guest", vhost: "/" }],
  [
    "amqps://u:p%40ss@host/a%2Fb",
    { host: "host", port: 5671, tls: true, username: "u", password: "p@ss", vhost: "a/b" },
  ],
  ["amqp://u:p%C3%A9@[::1]:99/%2F", { host: "::1", port: 99, password: "pé", vhost: "/" }],
])("%s is read as RabbitMQ's clients read it", (url, address) => {
  expect(parseBrokerUrl(url)).toMatchObject(address);
  expect(parseBrokerUrl(url).display).not.toMatch(/p@|p%40|pé|guest:guest/);
});

const address = parseBrokerUrl("amqp://joe:s3cret@broker:5672/chat");

test.each([
  [403, "ACCESS_REFUSED - Login was refused using authentication mechanism PLAIN.", "BROKER_PASSWORD_REFUSED"],
  [530, "NOT_ALLOWED - vhost chat not found", "BROKER_VHOST_MISSING"],
  [530, "NOT_ALLOWED - vhost 'chat' not found", "BROKER_VHOST_MISSING"],
  [530, "NOT_ALLOWED - access to vhost 'chat' refused for user 'joe'", "BROKER_VHOST_REFUSED"],
  [
    530,
    "NOT_ALLOWED - access to vhost 'chat' refused for user 'joe': connection limit (1) is reached",
    "CONNECTION_LOST",
  ],
  [541, "INTERNAL_ERROR - access to vhost 'chat' refused for user 'joe': vhost 'chat' is down", "CONNECTION_LOST"],
  [320, "CONNECTION_FORCED - broker forced connection closure with reason 'shutdown'", "CONNECTION_LOST"],
])("a handshake ended with %i %s is %s", (replyCode, replyText, code) => {
  const error = explainHandshake(address, { replyCode, replyText }, new Error("amqplib's"));
  expect(error.code).toBe(code);
  expect(error.message).not.toContain("s3cret");
  expect(error.cause).toBeInstanceOf(Error);
});

test.each([
  [
    "inequivalent arg 'x-max-age' for queue 'chat.log' in vhost '/': received the value '7D' of type 'longstr' but current is the value '3D' of type 'longstr'",
    { argument: "x-max-age", received: "7D", current: "3D" },
  ],
  [
    "inequivalent arg 'x-max-age' for queue 'chat.log' in vhost '/': received none but current is the value '3D' of type 'longstr'",
    { argument: "x-max-age", received: undefined, current: "3D" },
  ],
  [
    "inequivalent arg 'x-max-length-bytes' for queue 'q' in vhost 'a': b': received the value '10' of type 'signedint' but current is none",
    { argument: "x-max-length-bytes", received: "10", current: undefined },
  ],
  [
    "inequivalent arg 'type' for exchange 'chat' in vhost '/': received 'topic' but current is 'fanout'",
    { argument: "type", received: "topic", current: "fanout" },
  ],
  ["invalid arg 'x-max-age' for queue 'q' in vhost '/'", undefined],
])("%s is understood", (text, difference) => {
  expect(parseInequivalence(text)).toEqual(difference);
});

test.each([
  ["604800000", "7D"],
  ["5400000", "90m"],
  ["1500", "1500 ms"],
  ["7D", "7D"],
])("an age that the broker gives as %s is shown as %s", (given, shown) => {
  const text = `inequivalent arg 'x-max-age' for queue 'q' in vhost '/': received the value '${given}' of type 'longstr' but current is none`;
  expect(explainRefusal({ kind: "queue", name: "q" }, refusal(406, text)).message).toContain(`asks for ${shown}:`);
});

function refusal(code: number, text: string): Error {
  const message = `Operation failed: QueueDeclare; ${code} (NAME) with message "PRECONDITION_FAILED - ${text}"`;
  return Object.assign(new Error(message), { code });
}

test("a difference says what is, what is asked for, and what to do about it", () => {
  const text =
    "inequivalent arg 'x-max-age' for queue 'chat.log' in vhost '/': received the value '7D' of type 'longstr' but current is the value '3D' of type 'longstr'";
  expect(explainRefusal({ kind: "queue", name: "chat.log", shownKind: "stream" }, refusal(406, text))).toEqual({
    kind: "queue",
    name: "chat.log",
    code: "DIFFERS",
    message:
      'stream "chat.log" exists with x-max-age=3D, the configuration asks for 7D: change the configuration, ' +
      "set a policy, choose another name, or delete the stream yourself (its events are lost)",
  });
});

test.each([
  [404, "no exchange 'github' in vhost '/'", "MISSING", /exchange "github" is missing .*create it/],
  [404, "queue 'chat.log' in vhost '/' process is stopped by supervisor", "DOWN", /is not up/],
  [404, "home node 'rabbit@a' of durable queue 'q' in vhost '/' is down or inaccessible", "DOWN", /still starting/],
  [403, "access to exchange 'github' refused", "PERMISSION", /needs the permission to configure/],
  [405, "cannot obtain exclusive access", "LOCKED", /belongs to another connection/],
  [406, "invalid arg 'x-max-age'", "REFUSED", /was refused: invalid arg 'x-max-age'/],
])("a refusal with %i is told apart from the others", (replyCode, text, code, message) => {
  const failure = explainRefusal({ kind: "exchange", name: "github" }, refusal(replyCode, text));
  expect(failure.code).toBe(code);
  expect(failure.message).toMatch(message);
});

function closure(code: number | string, text: string): Error {
  const cause = Object.assign(new Error(`Channel closed by server: ${code} (NAME) with message "${text}"`), { code });
  return new Error("closed", { cause });
}

const suspect = (
  exchange: string,
  routingKey: string,
  size: number,
): Parameters<NonNullable<ReturnType<typeof accused>>>[0] => ({
  exchange,
  routingKey,
  body: Buffer.alloc(size),
});

test.each([
  ["NOT_FOUND - no exchange 'nope' in vhost '/'", suspect("nope", "k", 1), suspect("yes", "k", 1)],
  [
    "ACCESS_REFUSED - access to topic 'a.b' in exchange 'e' in vhost '/' refused for user 'joe'",
    suspect("e", "a.b", 1),
    suspect("e", "a.c", 1),
  ],
  [
    "PRECONDITION_FAILED - message size 9 is larger than configured max size 8",
    suspect("e", "k", 9),
    suspect("e", "k", 8),
  ],
])("%s accuses the message that fits, and no other", (text, guilty, innocent) => {
  const found = refusalOf(closure(404, text));
  const fits = found === undefined ? undefined : accused(found);
  expect(fits?.(guilty)).toBe(true);
  expect(fits?.(innocent)).toBe(false);
});

test("what has nothing to do with what was published accuses nobody", () => {
  expect(refusalOf(closure(320, "CONNECTION_FORCED - Closed via management plugin"))).toBeUndefined();
  expect(refusalOf(closure("ECONNRESET", "read"))).toBeUndefined();
  expect(refusalOf(new ConnectionLost("gone"))).toBeUndefined();
  const unnamed = refusalOf(closure(501, "FRAME_ERROR - type 2, all octets"));
  expect(unnamed && accused(unnamed)).toBeUndefined();
});

test("the broker's size limit is learned from its words", () => {
  const found = refusalOf(closure(406, "PRECONDITION_FAILED - message size 9 is larger than configured max size 8"));
  expect(found && sizeLimit(found)).toBe(8);
});

const sound = { exchange: "e", routingKey: "k", body: Buffer.from("x"), id: "1" };

test.each([
  [{ ...sound, id: "" }, /no id/],
  [{ ...sound, body: "text" as unknown as Buffer }, /no Buffer/],
  [{ ...sound, timestampMs: Number.NaN }, /timestampMs/],
  [{ ...sound, timestampMs: -1 }, /timestampMs/],
  [{ ...sound, expirationMs: 1.5 }, /expirationMs/],
  [{ ...sound, timeoutMs: 0 }, /timeoutMs/],
  [{ ...sound, timeoutMs: Number.POSITIVE_INFINITY }, /timeoutMs/],
])("a message that no broker would take is named before it is sent", (message, fault) => {
  expect(messageFault(message)).toMatch(fault);
});

test("a message is persistent and mandatory unless it says otherwise, and carries its time twice", () => {
  expect(publishOptions(sound, undefined)).toEqual({
    messageId: "1",
    mandatory: true,
    persistent: true,
    headers: undefined,
  });
  expect(
    publishOptions(
      { ...sound, mandatory: false, persistent: false, timestampMs: 1_700_000_000_123, headers: { a: 1 } },
      "c",
    ),
  ).toMatchObject({
    mandatory: false,
    persistent: false,
    timestamp: 1_700_000_000,
    headers: { a: 1, timestamp_in_ms: 1_700_000_000_123, "x-warren-copy": "c" },
  });
});

test("options that cannot be are named with what they may be", () => {
  const url = "amqp://127.0.0.1:1/";
  expect(() => createConnection({ url, name: "test", heartbeatSeconds: 0 })).toThrow(
    /heartbeatSeconds: expected .* 1 to 65535, got 0/,
  );
  expect(() => createConnection({ url, name: "test", backoff: { initialMs: 9, maxMs: 8 } })).toThrow(
    /backoff.initialMs: .* 1 to 8/,
  );
  const connection = createConnection({ url, name: "test" });
  expect(() => createPublisher(connection, { maxInFlight: 0 })).toThrow(/maxInFlight/);
  expect(() => createConsumer(connection, { queue: "q", prefetch: 0, onDeliveries() {} })).toThrow(/prefetch: .*got 0/);
  return connection.close();
});
