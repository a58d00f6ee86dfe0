import { describe, expect, it } from "vitest";
import { prettyBody } from "../src/deliveries/body.ts";
import { deliveryOf } from "../src/deliveries/delivery.ts";
import { examples, exampleOf } from "./examples.ts";

const meta = { topic: "octocat.hello-world.issues.opened", position: "7-1a2b3c4d" };

describe("deliveryOf", () => {
  it("fills every column of every example delivery, and keeps its body whole", () => {
    for (const { event, payload } of examples) {
      const row = deliveryOf(event, payload, meta, 1);
      expect(row.event).toBe(event);
      expect(row.place).not.toBe("");
      expect(row.summary).not.toBe("");
      expect(JSON.parse(prettyBody(row.body!))).toEqual(payload);
    }
  });

  it("takes the repository from the payload, else the organisation, else the topic", () => {
    expect(deliveryOf("issues", exampleOf("issues"), meta, 1).place).toBe("Codertocat/Hello-World");
    expect(deliveryOf("org_block", exampleOf("org_block"), meta, 1).place).toBe("Octocoders");
    expect(deliveryOf("deploy", {}, meta, 1).place).toBe(meta.topic);
  });

  it("splits a type that carries its action", () => {
    const row = deliveryOf("issues.opened", exampleOf("issues", "opened"), meta, 1);
    expect([row.event, row.action, row.summary]).toEqual(["issues", "opened", "#1 Spelling error in the README file"]);
  });

  it("tells the time of publishing, or of arrival where nobody gave one", () => {
    expect(deliveryOf("push", {}, { ...meta, time: 5 }, 9).at).toBe(5);
    expect(deliveryOf("push", {}, meta, 9).at).toBe(9);
  });

  it("shows a foreign publisher's text and bytes for what they are", () => {
    const text = deliveryOf("note", "plain\nwords", meta, 1);
    expect([text.summary, prettyBody(text.body!)]).toEqual(["plain words", "plain\nwords"]);
    const bytes = deliveryOf("blob", new Uint8Array([0, 255, 16]).buffer, meta, 1);
    expect([bytes.summary, prettyBody(bytes.body!)]).toEqual(["3 bytes", "00 ff 10"]);
    expect(deliveryOf("nothing", undefined, meta, 1).summary).toBe("null");
  });

  it("says how many bytes of a long body it does not show", () => {
    const row = deliveryOf("blob", new Uint8Array(5000), meta, 1);
    expect(prettyBody(row.body!)).toMatch(/\n… 904 bytes more$/);
  });
});
