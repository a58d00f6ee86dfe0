import { describe, expect, it } from "vitest";
import { readEvent, readEventLine } from "../src/events/event.ts";
import { eventMessage } from "../src/events/message.ts";

const faultOf = (value: unknown) => {
  try {
    readEvent(value);
    return undefined;
  } catch (error) {
    return `${(error as { code?: string }).code}: ${(error as Error).message}`;
  }
};

describe("an event as JSON", () => {
  it("needs a topic and data, and takes type, id and headers", () => {
    const least = { topic: "general", data: null };
    expect(readEvent(least)).toEqual(least);
    const whole = { topic: "room.1", type: "said", id: "1", headers: { a: "b", c: 1, d: true }, data: { text: "hi" } };
    expect(readEvent(whole)).toEqual(whole);
  });

  it("is refused with every fault named at once", () => {
    expect(faultOf({ topic: "", type: 7, id: "x".repeat(256), headers: { a: [] }, extra: 1 })).toBe(
      "PAYLOAD_INVALID: topic: expected a topic, got an empty string; type: expected text, got number; " +
        "id: expected 1-255 bytes of text, got 256; headers.a: expected text, a number or a boolean; " +
        "data: missing; extra: unknown field.",
    );
  });

  it.each([
    [{ data: 1 }, "TOPIC_INVALID: topic: missing."],
    [{ topic: 5, data: 1 }, "TOPIC_INVALID: topic: expected a topic, got number."],
    [{ topic: "é".repeat(128), data: 1 }, "TOPIC_INVALID: topic: expected a topic of at most 255 bytes, got 256."],
    [{ topic: "a", type: "", data: 1 }, "TYPE_INVALID: type: expected 1-255 bytes of text, got 0."],
    [{ topic: "a", id: null, data: 1 }, "ID_INVALID: id: expected text, got null."],
    [{ topic: "a", headers: [], data: 1 }, "HEADERS_INVALID: headers: expected an object, got array."],
    [{ topic: "a" }, "PAYLOAD_INVALID: data: missing."],
    [{ topic: "a", exchange: "chat", data: 1 }, "PAYLOAD_INVALID: exchange: unknown field."],
    [[], "PAYLOAD_INVALID: Expected an object { topic, type?, id?, headers?, data }, got array."],
    ["text", "PAYLOAD_INVALID: Expected an object { topic, type?, id?, headers?, data }, got string."],
  ])("has the code of the one field that is wrong: %j", (value, fault) => {
    expect(faultOf(value)).toBe(fault);
  });

  it("may name its exchange where it is a line of a file", () => {
    expect(readEventLine({ topic: "a", exchange: "chat", data: 1 }).exchange).toBe("chat");
  });

  it("becomes a message with its own id, or the one it is given", () => {
    const message = eventMessage({ topic: "a", data: { x: 1 } }, { exchange: "chat", id: "made" });
    expect(message).toMatchObject({ exchange: "chat", routingKey: "a", id: "made", contentType: "application/json" });
    expect(message.body.toString()).toBe('{"x":1}');
    expect("type" in message).toBe(false);
    expect(eventMessage({ topic: "a", id: "own", data: 1 }, { exchange: "chat", id: "made" }).id).toBe("own");
  });
});
