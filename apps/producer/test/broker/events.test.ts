import { it } from "@warren/broker/vitest";
import { describe, expect } from "vitest";
import { postEvent, startProducer } from "../running-producer.ts";
import { bindQueue, drain } from "./log-queue.ts";

describe("POST /events/:exchange", () => {
  it("answers 202 when the event is in the bound queue, under the id given or one made for it", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl, exchanges: ["room"] });
    const queue = await bindQueue(vhost, "room");
    const given = await postEvent(producer, "room", {
      topic: "a.B",
      type: "said",
      id: "1",
      headers: { n: 1 },
      data: [1, "é"],
    });
    expect([given.status, given.body]).toEqual([202, { ok: true, id: "1", topic: "a.B" }]);
    const made = await postEvent(producer, "room", { topic: "a", data: null });
    expect(made.body.id).toMatch(/^[0-9a-f-]{36}$/);

    const [first, second] = await drain(vhost, queue);
    expect(first).toMatchObject({
      routingKey: "a.B",
      properties: { message_id: "1", type: "said", content_type: "application/json", headers: { n: 1 } },
    });
    expect(first!.body.toString()).toBe('[1,"é"]');
    expect(second).toMatchObject({ properties: { message_id: made.body.id } });
    expect(second!.properties.type).toBeUndefined();
    expect(second!.body.toString()).toBe("null");
  });

  it("publishes on the exchanges it was given, and on no other", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl, exchanges: ["room"] });
    await vhost.createExchange("other", "topic");
    const queue = await bindQueue(vhost, "other");
    const answer = await postEvent(producer, "other", { topic: "a", data: 1 });
    expect(answer.status).toBe(404);
    expect(answer.body.error).toMatchObject({ code: "EXCHANGE_UNKNOWN", retryable: false });
    expect(await drain(vhost, queue)).toEqual([]);
  });

  it("names every fault of a body, and takes JSON only when it is sent as JSON", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const faulty = await postEvent(producer, "chat", { type: 1, extra: 2 });
    expect(faulty.status).toBe(422);
    expect(faulty.body.error?.message).toBe(
      "topic: missing; type: expected text, got number; data: missing; extra: unknown field.",
    );
    const asText = await fetch(`${producer.url}/events/chat`, { method: "POST", body: '{"topic":"a","data":1}' });
    expect(asText.status).toBe(422);
    const tooLarge = await postEvent(producer, "chat", { topic: "a", data: "x".repeat(1_048_576) });
    expect([tooLarge.status, tooLarge.body.error?.code]).toEqual([413, "PAYLOAD_TOO_LARGE"]);
  });

  it("counts what became of each event", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    await postEvent(producer, "chat", { topic: "a", data: 1 });
    await bindQueue(vhost, "chat");
    await postEvent(producer, "chat", { topic: "a", data: 1 });
    const metrics = await (await fetch(`${producer.url}/metrics`)).text();
    expect(metrics).toContain('warren_producer_publishes_total{exchange="chat",outcome="UNROUTABLE"} 1');
    expect(metrics).toContain('warren_producer_publishes_total{exchange="chat",outcome="confirmed"} 1');
  });
});
