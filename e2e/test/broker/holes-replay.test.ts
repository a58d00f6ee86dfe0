import { describe, expect } from "vitest";
import type { HistoryAck } from "@warren/events";
import { expectExactly } from "../oracle.ts";
import { it } from "../scene.ts";

/** Next to nothing in memory, so that a replay is read from the log, stretch by stretch. */
const SMALL = `
namespaces:
  /chat: { exchange: chat, anonymous: true, defaultTopics: ["#"] }
limits: { ringBytes: 64KiB, replayBytes: 64KiB, socketBudget: 64KiB }
`;

describe("a replay", () => {
  it("gets what is published while it runs, and a burst exactly at the seam, once and in order", async ({ scene }) => {
    const gateway = await scene.gateway();
    const { position } = await standing(scene.client(`${gateway.url}/chat`));
    const published = await scene.publish(1, 2_000);
    const late = scene.client(`${gateway.url}/chat`, { position });
    const bursts: Promise<string[]>[] = [];
    late.socket.on("warren:ready", () => bursts.push(scene.publish(2_001, 2_300)));
    late.socket.on("warren:caught-up", () => bursts.push(scene.publish(2_301, 2_600)));
    await late.until(() => late.told.includes("warren:caught-up"));
    for (const burst of bursts) published.push(...(await burst));
    await late.until(() => late.received.length >= published.length);
    // The bursts are published side by side, so the log's order of them is what another client saw.
    const witness = scene.client(`${gateway.url}/chat`, { position });
    await witness.until(() => witness.received.length >= published.length);
    expect(new Set(late.ids)).toEqual(new Set(published));
    expectExactly(late, witness.ids as string[]);
    expect(late.told).toEqual(["warren:ready", "warren:caught-up"]);
  });

  it("that is much longer than the ring, and than one page, is exact, pushed and pulled", async ({ scene }) => {
    const gateway = await scene.gateway(SMALL);
    const first = scene.client(`${gateway.url}/chat`);
    const { position } = await standing(first);
    const published = await scene.publish(1, 6_000);
    const late = scene.client(`${gateway.url}/chat`, { position });
    await late.untilId(published.at(-1));
    expectExactly(late, published);
    const pulled: (string | undefined)[] = [];
    let [after, more, pages] = [position, true, 0];
    for (; more; pages++) {
      const answer = (await late.socket.emitWithAck("warren:history", { topics: ["#"], after })) as HistoryAck;
      if (!answer.ok) throw new Error(answer.error.message);
      pulled.push(...answer.events.map(({ meta }) => meta.id));
      ({ position: after, more } = answer);
    }
    expect(pulled).toEqual(published);
    expect(pages).toBeGreaterThanOrEqual(12);
  });

  it("that is interrupted again and again goes on where it was", async ({ scene }) => {
    const gateway = await scene.gateway(SMALL);
    const wire = await scene.wire(gateway);
    const { position } = await standing(scene.client(`${gateway.url}/chat`));
    const body = Buffer.from(JSON.stringify("x".repeat(1_000)));
    const published = await scene.publish(1, 4_000, { body });
    const late = scene.client(`${wire.url}/chat`, { position });
    for (const reached of [1, 300, 900, 1_500, 2_500]) {
      await late.until(() => late.received.length >= reached);
      wire.cut();
    }
    await late.untilId(published.at(-1));
    expect(late.connections).toBeGreaterThan(3);
    expectExactly(late, published);
  });
});

/** A client that is where the log ends now. */
async function standing(client: { ready(): Promise<void>; position: string }): Promise<{ position: string }> {
  await client.ready();
  return { position: client.position };
}
