import fc from "fast-check";
import { Decoder, type Packet } from "socket.io-parser";
import { describe, expect, it } from "vitest";
import type { LogRecord } from "@warren/event-log";
import { encodeEvent, namespacePrefix } from "../src/fanout/packet.ts";
import { logged } from "./logged.ts";

/** Reads packets with Socket.IO's own parser, as every client does. */
function decode(packets: readonly (string | Buffer)[]): Packet {
  const decoder = new Decoder();
  const decoded: Packet[] = [];
  decoder.on("decoded", (packet: Packet) => decoded.push(packet));
  for (const packet of packets) decoder.add(packet);
  expect(decoded).toHaveLength(1);
  return decoded[0]!;
}

function received(
  given: Partial<LogRecord>,
  namespace = "/chat",
): { nsp: string; name: string; data: unknown; meta: Record<string, unknown> } {
  const { packets } = encodeEvent(logged(given), namespacePrefix(namespace), { previous: undefined, replayed: false });
  const packet = decode(packets);
  const [name, data, meta] = packet.data as [string, unknown, Record<string, unknown>];
  return { nsp: packet.nsp, name, data, meta };
}

describe("an event on the wire", () => {
  it("is what Socket.IO's own parser reads, for any JSON, type, topic and id", () => {
    fc.assert(
      fc.property(fc.json(), fc.string({ minLength: 1 }), fc.string(), fc.string(), (json, type, topic, id) => {
        fc.pre(
          !["connect", "connect_error", "disconnect", "disconnecting", "newListener", "removeListener"].includes(type),
        );
        const event = received({ body: Buffer.from(json), type, topic, id });
        expect(event).toMatchObject({ nsp: "/chat", name: type, data: JSON.parse(json) as unknown });
        expect(event.meta).toMatchObject({ topic, id });
      }),
    );
  });

  it("carries a JSON body byte for byte, numbers as they were written", () => {
    const json = '{ "big": 12345678901234567890, "float": 1.0, "text": "\\u00e9 é \u2028" }';
    const { packets } = encodeEvent(logged({ body: Buffer.from(json) }), "", { previous: undefined, replayed: false });
    expect(packets[0]).toContain(json);
  });

  it("is named by its type, else by its topic", () => {
    expect(received({ type: "chat message", topic: "general" }).name).toBe("chat message");
    expect(received({ type: undefined, topic: "general" }).name).toBe("general");
    expect(received({ type: "", topic: "general" }).name).toBe("general");
  });

  it.each(["connect", "disconnect", "warren:ready", "newListener"])(
    "of the reserved type %s cannot be taken for a message of the protocol",
    (type) => {
      expect(received({ type })).toMatchObject({ name: `event:${type}`, meta: { type } });
    },
  );

  it.each<[what: string, given: Partial<LogRecord>, data: unknown]>([
    ["text", { contentType: "text/plain; charset=utf-8", body: Buffer.from("héllo\u001e") }, "héllo\u001e"],
    ["JSON of another media type", { contentType: "application/ld+json", body: Buffer.from("[1]") }, [1]],
    ["JSON that is none", { body: Buffer.from("{") }, Buffer.from("{")],
    ["an empty JSON body", { body: Buffer.alloc(0) }, Buffer.alloc(0)],
    ["JSON in no UTF-8", { body: Buffer.from([0x22, 0xff, 0x22]) }, Buffer.from([0x22, 0xff, 0x22])],
    [
      "JSON in another charset",
      { contentType: "application/json; charset=utf-16", body: Buffer.from("{}") },
      Buffer.from("{}"),
    ],
    ["a compressed body", { contentEncoding: "gzip", body: Buffer.from("{}") }, Buffer.from("{}")],
    ["bytes", { contentType: "application/octet-stream", body: Buffer.from([0, 1, 2]) }, Buffer.from([0, 1, 2])],
    ["no content type", { contentType: undefined, body: Buffer.from("{}") }, Buffer.from("{}")],
  ])("delivers %s", (_what, given, data) => {
    expect(received(given).data).toEqual(data);
  });

  it("says when it was published, by whom, what came before and that it is replayed", () => {
    const event = logged({ time: 1_700_000_000_123, headers: { "warren-sender": "ann" } });
    const { packets } = encodeEvent(event, "", { previous: "3-00000000", replayed: true });
    const [, , meta] = decode(packets).data as [string, unknown, unknown];
    expect(meta).toEqual({
      topic: "t",
      position: event.position,
      time: 1_700_000_000_123,
      sender: "ann",
      previous: "3-00000000",
      replayed: true,
    });
  });
});
