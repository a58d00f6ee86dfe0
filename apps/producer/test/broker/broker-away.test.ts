import { it } from "@warren/broker/vitest";
import { describe, expect, vi } from "vitest";
import { makeProducer, postDelivery, postEvent, ready, startProducer, type Answer } from "../running-producer.ts";
import { bindQueue, drain } from "./log-queue.ts";

const patience = { timeout: 30_000, interval: 50 };

describe("a broker that goes away", () => {
  it("costs no delivery that got 202: those that did not got 503, at once", async ({
    broker,
    vhost,
    onTestFinished,
  }) => {
    onTestFinished(() => broker.faults.start());
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const queue = await bindQueue(vhost, "github");
    const answers = new Map<string, Answer>();
    const flow = new AbortController();
    const sender = (async () => {
      for (let n = 0; !flow.signal.aborted; n++) {
        answers.set(`d-${n}`, await postDelivery(producer, `{"n":${n}}`, { "x-github-delivery": `d-${n}` }));
      }
    })();
    const statuses = () => [...answers.values()].map(({ status }) => status);

    await vi.waitFor(() => expect(statuses().filter((status) => status === 202).length).toBeGreaterThan(50), patience);
    await broker.faults.stop();
    await vi.waitFor(() => expect(statuses().at(-1)).toBe(503), patience);
    expect(await ready(producer)).toBe(false);
    const refused = await postDelivery(producer, "{}");
    expect(refused.body.error).toMatchObject({ code: "BROKER_UNAVAILABLE", retryable: true, retryAfterMs: 1_000 });
    await broker.faults.start();
    const before = statuses().length;
    await vi.waitFor(() => expect(statuses().slice(before)).toContain(202), patience);
    await vi.waitFor(async () => expect(await ready(producer)).toBe(true), patience);
    flow.abort();
    await sender;

    expect(new Set(statuses())).toEqual(new Set([202, 503]));
    for (const { body, status } of answers.values())
      expect(body.error?.retryable).toBe(status === 503 ? true : undefined);
    const accepted = new Set([...answers].filter(([, { status }]) => status === 202).map(([id]) => id));
    const stored = new Set((await drain(vhost, queue)).map(({ properties }) => properties.message_id!));
    expect([...accepted].filter((id) => !stored.has(id))).toEqual([]);
    // What is stored beyond that was sent, and its confirm was lost.
    expect([...stored].filter((id) => !answers.has(id))).toEqual([]);
  });

  it("and does not answer is waited for no longer than the confirm timeout, and takes the same delivery later", async ({
    broker,
    vhost,
    onTestFinished,
  }) => {
    onTestFinished(() => broker.faults.thaw());
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl, confirmTimeoutMs: 300 });
    const queue = await bindQueue(vhost, "chat");
    await broker.faults.freeze();
    const late = await postEvent(producer, "chat", { topic: "a", id: "same", data: 1 });
    expect(late.status).toBe(503);
    expect(late.body.error).toMatchObject({ code: "PUBLISH_TIMEOUT", retryable: true });
    await broker.faults.thaw();
    await vi.waitFor(async () => {
      expect((await postEvent(producer, "chat", { topic: "a", id: "same", data: 1 })).status).toBe(202);
    }, patience);
    const ids = (await drain(vhost, queue)).map(({ properties }) => properties.message_id);
    expect(new Set(ids)).toEqual(new Set(["same"]));
  });

  it("for want of memory makes it not ready, and says why", async ({ broker, vhost, onTestFinished }) => {
    onTestFinished(() => broker.faults.clearMemoryAlarm());
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl, confirmTimeoutMs: 300 });
    await bindQueue(vhost, "chat");
    await broker.faults.raiseMemoryAlarm();
    // The broker tells a connection that it is blocked when that next publishes.
    await vi.waitFor(async () => {
      const { body } = await postEvent(producer, "chat", { topic: "a", data: 1 });
      expect(body.error).toMatchObject({ code: "BROKER_UNAVAILABLE", message: expect.stringMatching(/memory/) });
    }, patience);
    expect(await ready(producer)).toBe(false);
    await broker.faults.clearMemoryAlarm();
    await vi.waitFor(async () => {
      expect((await postEvent(producer, "chat", { topic: "a", data: 1 })).status).toBe(202);
    }, patience);
    expect(await ready(producer)).toBe(true);
  });

  it("and comes back without its exchanges gets them back", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    await vhost.deleteExchange("chat");
    const lost = await postEvent(producer, "chat", { topic: "a", data: 1 });
    expect([lost.status, lost.body.error?.code]).toEqual([422, "BROKER_REFUSED"]);
    await vhost.closeConnections();
    await vi.waitFor(async () => {
      const { body } = await postEvent(producer, "chat", { topic: "a", data: 1 });
      expect(body.error?.code).toBe("UNROUTABLE");
    }, patience);
  });

  it("or is not there yet, keeps the start waiting, and every POST is answered with 503", async ({ vhost }) => {
    const nowhere = new URL(vhost.amqpUrl);
    nowhere.port = "1";
    await using producer = makeProducer({ amqpUrl: nowhere.href });
    const stop = new AbortController();
    const started = producer.start(stop.signal).then(
      () => "started",
      (error: unknown) => String(error),
    );
    await vi.waitFor(() => producer.url, patience);
    const answer = await postEvent(producer, "chat", { topic: "a", data: 1 });
    expect([answer.status, answer.body.error?.code]).toEqual([503, "BROKER_UNAVAILABLE"]);
    expect(await ready(producer)).toBe(false);
    stop.abort(new Error("told to stop"));
    expect(await started).toBe("Error: told to stop");
  });
});
