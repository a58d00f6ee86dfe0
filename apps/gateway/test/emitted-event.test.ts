import { describe, expect, it } from "vitest";
import { readEmittedEvent } from "../src/ingress/emitted-event.ts";
import { parseBridge } from "../src/namespaces/load.ts";

const [namespace] = parseBridge(
  "namespaces: { /a: { exchange: a, emit: { 'chat message': { topic: general } } } }",
  "f",
).namespaces;
const read = (...args: unknown[]) => readEmittedEvent(args, namespace!, 1000);

describe("an emitted event", () => {
  it("goes to the topic it names, else to the one its type is configured with, else to its type", () => {
    expect(read("chat message", "hi", { topic: "room.1" }).topic).toBe("room.1");
    expect(read("chat message", "hi").topic).toBe("general");
    expect(read("other", "hi").topic).toBe("other");
  });

  it("is JSON, and a Buffer is bytes", () => {
    expect(read("e", { a: 1 })).toMatchObject({ body: Buffer.from('{"a":1}'), contentType: "application/json" });
    expect(read("e")).toMatchObject({ body: Buffer.from("null") });
    expect(read("e", Buffer.from([0, 255]))).toMatchObject({
      body: Buffer.from([0, 255]),
      contentType: "application/octet-stream",
    });
  });

  it("takes its id as text or within options", () => {
    expect(read("e", 1, "id-1").id).toBe("id-1");
    expect(read("e", 1, { id: "id-2", headers: { a: "b" } })).toMatchObject({ id: "id-2", headers: { a: "b" } });
    expect(read("e", 1, null).id).toBeUndefined();
  });

  it.each<[code: string, ...args: unknown[]]>([
    ["TYPE_INVALID", 7, "data"],
    ["TYPE_INVALID", ""],
    ["TYPE_INVALID", "t".repeat(256)],
    ["EVENT_RESERVED", "warren:ready", {}],
    ["EVENT_INVALID", "e", 1, 2],
    ["EVENT_INVALID", "e", 1, ["id"]],
    ["EVENT_INVALID", "e", 1, { ID: "x" }],
    ["EVENT_INVALID", "e", 1, "id", "more"],
    ["ID_INVALID", "e", 1, ""],
    ["ID_INVALID", "e", 1, { id: 7 }],
    ["ID_INVALID", "e", 1, "é".repeat(128)],
    ["TOPIC_INVALID", "e", 1, { topic: "" }],
    ["TOPIC_INVALID", "e", 1, { topic: "x".repeat(256) }],
    ["HEADERS_INVALID", "e", 1, { headers: [] }],
    ["HEADERS_INVALID", "e", 1, { headers: { "warren-sender": "me" } }],
    ["HEADERS_INVALID", "e", 1, { headers: { a: {} } }],
    ["PAYLOAD_INVALID", "e", { file: Buffer.from("x") }],
    ["PAYLOAD_TOO_LARGE", "e", "x".repeat(1000)],
  ])("is refused with %s: %j %j %j", (code, ...args) => {
    expect(() => read(...args)).toThrow(expect.objectContaining({ code }));
  });
});
