import { it } from "@warren/broker/vitest";
import { compareVersions } from "@warren/topology";
import { describe, expect } from "vitest";
import { demoDeliveries } from "../../src/demo/deliveries.ts";
import { postDelivery, SECRET, startProducer } from "../running-producer.ts";
import { sign } from "../../src/webhooks/github/signature.ts";
import { bindQueue, drain } from "./log-queue.ts";

describe("POST /webhooks/github", () => {
  it("answers 202 only when the delivery is in the bound queue, byte for byte, under its own id", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const queue = await bindQueue(vhost, "github");
    const before = Date.now();
    const body =
      '{ "action":"opened",\n "big": 12345678901234567890, "é": "\\u00e9", "repository": {"name":"Hello.World","owner":{"login":"Octo"}} }';
    const answer = await postDelivery(producer, body, {
      "x-github-delivery": "delivery-1",
      "x-github-event": "issues",
      "x-github-hook-id": "42",
    });
    expect([answer.status, answer.body]).toEqual([
      202,
      { ok: true, id: "delivery-1", topic: "octo.hello-world.issues.opened" },
    ]);

    const messages = await drain(vhost, queue);
    expect(messages).toHaveLength(1);
    const { properties, routingKey, body: published } = messages[0]!;
    expect(published.toString()).toBe(body);
    expect(routingKey).toBe("octo.hello-world.issues.opened");
    expect(properties).toMatchObject({
      message_id: "delivery-1",
      type: "issues.opened",
      content_type: "application/json",
      delivery_mode: 2,
      headers: { "x-github-event": "issues", "x-github-delivery": "delivery-1", "x-github-hook-id": "42" },
    });
    const time = Number(properties.headers?.["timestamp_in_ms"]);
    expect(time).toBeGreaterThanOrEqual(before);
    expect(time).toBeLessThanOrEqual(Date.now());
  });

  it("takes a form as GitHub sends it, whose signature covers the form", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const queue = await bindQueue(vhost, "github");
    const payload = '{"zen":"a & b = c + d % é"}';
    const form = new URLSearchParams({ payload }).toString();
    const answer = await postDelivery(producer, form, {
      "content-type": "application/x-www-form-urlencoded",
      "x-github-event": "ping",
    });
    expect(answer.status).toBe(202);
    expect((await drain(vhost, queue)).map(({ body }) => body.toString())).toEqual([payload]);
  });

  const delivery = demoDeliveries()[0]!.body;
  const refused = [
    ["no signature", delivery, { "x-hub-signature-256": undefined }, 401, "SIGNATURE_MISSING"],
    ["another secret's signature", delivery, { "x-hub-signature-256": sign("x", delivery) }, 401, "SIGNATURE_INVALID"],
    [
      "a changed body",
      Buffer.concat([delivery, Buffer.from(" ")]),
      { "x-hub-signature-256": sign(SECRET, delivery) },
      401,
      "SIGNATURE_INVALID",
    ],
    ["no delivery id", delivery, { "x-github-delivery": undefined }, 422, "DELIVERY_INVALID"],
    ["no event", delivery, { "x-github-event": undefined }, 422, "DELIVERY_INVALID"],
    ["broken JSON", "{", {}, 422, "PAYLOAD_INVALID"],
    ["no body", "", {}, 422, "PAYLOAD_INVALID"],
    ["another content type", delivery, { "content-type": "text/plain" }, 422, "PAYLOAD_INVALID"],
    ["more than 25 MiB", Buffer.alloc(25 * 1_048_576 + 1, " "), {}, 413, "PAYLOAD_TOO_LARGE"],
  ] as const;
  for (const [what, body, headers, status, code] of refused) {
    it(`refuses ${what}, and publishes nothing`, async ({ vhost }) => {
      await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
      const queue = await bindQueue(vhost, "github");
      const answer = await postDelivery(producer, body, headers);
      expect(answer.status).toBe(status);
      expect(answer.body).toEqual({ error: { code, message: expect.any(String), retryable: false } });
      expect(await drain(vhost, queue)).toEqual([]);
    });
  }

  it("answers 503 UNROUTABLE while nothing is bound, and 202 for the same delivery once something is", async ({
    vhost,
  }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const send = () => postDelivery(producer, "{}", { "x-github-delivery": "again" });
    const lost = await send();
    expect(lost.status).toBe(503);
    expect(lost.body.error).toMatchObject({ code: "UNROUTABLE", retryable: true, retryAfterMs: 5_000 });
    expect(lost.headers.get("retry-after")).toBe("5");
    const queue = await bindQueue(vhost, "github");
    expect((await send()).status).toBe(202);
    expect((await drain(vhost, queue)).map(({ properties }) => properties.message_id)).toEqual(["again"]);
  });

  it("answers 503 NACKED where the queue takes no more", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    await bindQueue(vhost, "github", { arguments: { "x-max-length": 1, "x-overflow": "reject-publish" } });
    const answers = [await postDelivery(producer, "{}"), await postDelivery(producer, "{}")];
    expect(answers.map(({ status }) => status)).toEqual([202, 503]);
    expect(answers[1]!.body.error).toMatchObject({ code: "NACKED", retryable: true });
  });

  it("takes 25 MB, or answers 413 where the broker takes no message of that size, and goes on", async ({
    broker,
    vhost,
  }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const queue = await bindQueue(vhost, "github");
    const body = Buffer.from(JSON.stringify({ text: "x".repeat(25_000_000) }));
    const answer = await postDelivery(producer, body);
    const capped = compareVersions(broker.version, "4.0.0") >= 0;
    expect([answer.status, answer.body.error?.code]).toEqual(capped ? [413, "PAYLOAD_TOO_LARGE"] : [202, undefined]);
    expect((await postDelivery(producer, "{}")).status).toBe(202);
    const sizes = (await drain(vhost, queue)).map((message) => message.body.length);
    expect(sizes).toEqual(capped ? [2] : [body.length, 2]);
  });
});
