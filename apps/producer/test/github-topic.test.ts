import { topicFault } from "@warren/events";
import { describe, expect, it } from "vitest";
import { demoDeliveries } from "../src/demo/deliveries.ts";
import { readDelivery } from "../src/webhooks/github/delivery.ts";
import { deliveryTopic, eventType, readNames } from "../src/webhooks/github/topic.ts";

const deliveries = demoDeliveries();

describe("the topic of a delivery", () => {
  it.each([
    [
      "push",
      { repository: { name: "Hello-World", owner: { login: "Codertocat" } } },
      "codertocat.hello-world.push",
      "push",
    ],
    [
      "issues",
      { action: "opened", repository: { name: "a.b", owner: { login: "Octo" } }, organization: { login: "other" } },
      "octo.a-b.issues.opened",
      "issues.opened",
    ],
    [
      "member",
      { action: "added", organization: { login: "Octo-Org" }, sender: { login: "someone" } },
      "octo-org.-.member.added",
      "member.added",
    ],
    [
      "installation",
      { action: "created", installation: { account: { login: "Octo" } }, sender: { login: "someone" } },
      "octo.-.installation.created",
      "installation.created",
    ],
    ["ping", { zen: "…", sender: { login: "Someone" } }, "someone.-.ping", "ping"],
    ["ping", {}, "-.-.ping", "ping"],
    ["push", { repository: "not an object", sender: { login: 7 }, action: 3 }, "-.-.push", "push"],
    ["issues", { action: "a.*.#", repository: { name: "*", owner: { login: "#" } } }, "-.-.issues.a-", "issues.a.*.#"],
  ])("of %s %j is %s", (event, payload, topic, type) => {
    const names = readNames(payload)!;
    expect(deliveryTopic(event, names)).toBe(topic);
    expect(eventType(event, names)).toBe(type);
  });

  it("is one that can be published and subscribed to, for each of the 329 examples of 58 events", () => {
    expect(deliveries).toHaveLength(329);
    expect(new Set(deliveries.map(({ event }) => event)).size).toBe(58);
    for (const { event, body } of deliveries) {
      const payload = JSON.parse(body.toString()) as Record<string, never>;
      const topic = deliveryTopic(event, readNames(payload)!);
      expect(topicFault(topic)).toBeUndefined();
      const words = topic.split(".");
      expect(words.length).toBe(payload["action"] === undefined ? 3 : 4);
      for (const word of words) expect(word).toMatch(/^[\p{Ll}\p{N}_-]+$/u);
      expect(words[2]).toBe(event);
    }
  });

  it("of each example is as GitHub's own fields say", () => {
    const table = deliveries.map(({ event, body }) => {
      const names = readNames(JSON.parse(body.toString()))!;
      return `${deliveryTopic(event, names)} ${eventType(event, names)}`;
    });
    expect([...new Set(table)].sort().join("\n")).toMatchSnapshot();
  });
});

describe("reading a delivery", () => {
  const headers = {
    "content-type": "application/json",
    "x-github-delivery": "72d3162e-cc78-11e3-81ab-4c9367dc0958",
    "x-github-event": "push",
    "x-github-hook-id": "292430182",
  };
  const faultOf = (given: Record<string, string>, body: string | Buffer) => {
    try {
      readDelivery(given, Buffer.from(body));
      return undefined;
    } catch (error) {
      return `${(error as { code?: string }).code}: ${(error as Error).message}`;
    }
  };

  it("keeps the body byte for byte, with the delivery's id and headers", () => {
    const body = Buffer.from('{ "b": 1.0,\n"a": "\\u00e9é", "big": 12345678901234567890 }');
    expect(readDelivery(headers, body)).toEqual({
      id: headers["x-github-delivery"],
      type: "push",
      routingKey: "-.-.push",
      body,
      headers: {
        "x-github-event": "push",
        "x-github-delivery": headers["x-github-delivery"],
        "x-github-hook-id": "292430182",
      },
    });
  });

  it("takes the payload out of a form, byte for byte", () => {
    const payload = '{"action":"a","text":"é & + % = \u{1F600}"}';
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded" };
    const read = readDelivery(form, Buffer.from(new URLSearchParams({ payload }).toString()));
    expect(read.body.toString()).toBe(payload);
    expect(read.type).toBe("push.a");
  });

  it("names every header that is missing at once", () => {
    expect(faultOf({ "content-type": "application/json" }, "{}")).toBe(
      "DELIVERY_INVALID: X-GitHub-Delivery: missing; X-GitHub-Event: missing.",
    );
  });

  it("refuses an id that AMQP cannot carry", () => {
    expect(faultOf({ ...headers, "x-github-delivery": "x".repeat(256) }, "{}")).toContain(
      "expected at most 255 bytes, got 256",
    );
    expect(faultOf({ ...headers, "x-github-delivery": "x".repeat(255) }, "{}")).toBeUndefined();
  });

  it.each([
    ["", "PAYLOAD_INVALID: The body is empty: expected JSON."],
    ["{", "PAYLOAD_INVALID: The body is not JSON"],
    ["[]", "PAYLOAD_INVALID: The payload is not a JSON object."],
    ["null", "PAYLOAD_INVALID: The payload is not a JSON object."],
    [Buffer.from([0x22, 0xff, 0x22]), "PAYLOAD_INVALID: The body is not UTF-8"],
    ["\uFEFF{}", "PAYLOAD_INVALID: The body is not JSON"],
    [JSON.stringify({ action: "x".repeat(300) }), "DELIVERY_INVALID: The delivery's names are too long"],
  ])("refuses the body %j", (body, fault) => {
    expect(faultOf(headers, body)).toContain(fault);
  });

  it("refuses a content type that GitHub does not send, and a form without a payload", () => {
    expect(faultOf({ ...headers, "content-type": "text/plain" }, "{}")).toContain('got "text/plain"');
    const form = { ...headers, "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
    expect(faultOf(form, "other=1")).toContain("no field payload");
  });
});
