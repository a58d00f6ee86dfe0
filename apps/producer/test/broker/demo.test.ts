import { it } from "@warren/broker/vitest";
import { describe, expect } from "vitest";
import { demoDeliveries } from "../../src/demo/deliveries.ts";
import { run } from "../child.ts";
import { freePort } from "../free-port.ts";
import { SECRET, startProducer } from "../running-producer.ts";
import { bindQueue, drain } from "./log-queue.ts";

const demo = (url: string, ...args: string[]) =>
  run("demo.ts", args, { PRODUCER_URL: url, GITHUB_WEBHOOK_SECRET: SECRET });

describe("npm run demo", () => {
  it("brings all 329 deliveries to the exchange, in order and byte for byte", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const queue = await bindQueue(vhost, "github");
    const child = demo(producer.url, "--rate", "2000");
    expect(await child.exited).toBe(0);
    expect(child.stdout).toBe("329 sent, 329 confirmed, 0 failed\n");
    expect(child.stderr).toContain("demo 329/329 · 329 confirmed");
    const bodies = (await drain(vhost, queue)).map(({ body }) => body.toString());
    expect(bodies).toEqual(demoDeliveries().map(({ body }) => body.toString()));
  });

  it("sends a delivery that got 503 again, under the same id, until it is confirmed", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const child = demo(producer.url, "--count", "3");
    await expect.poll(() => publishes(producer.url, "UNROUTABLE"), { timeout: 20_000 }).toBe(1);
    const queue = await bindQueue(vhost, "github");
    expect(await child.exited).toBe(0);
    expect(child.stdout).toBe("3 sent, 3 confirmed, 0 failed\n");
    const ids = (await drain(vhost, queue)).map(({ properties }) => properties.message_id);
    expect(new Set(ids).size).toBe(3);
  });

  it("counts what got 503 as failed where it is told not to try again, and exits with 1", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl });
    const child = demo(producer.url, "--count", "2", "--no-retry");
    expect(await child.exited).toBe(1);
    expect(child.stdout).toBe("2 sent, 0 confirmed, 2 failed\n");
    expect(child.stderr).toContain("503 UNROUTABLE");
  });

  it("does not try again what is refused for good", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl, githubSecret: "another" });
    const child = demo(producer.url, "--count", "1");
    expect(await child.exited).toBe(1);
    expect(child.stderr).toContain("401 SIGNATURE_INVALID");
  });

  it("says in one sentence that no producer answers", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const child = demo(url);
    expect(await child.exited).toBe(1);
    expect(child.stderr).toBe(
      `No producer answers at ${url} (ECONNREFUSED): run npm start first, or set PRODUCER_URL.\n`,
    );
  });
});

async function publishes(url: string, outcome: string): Promise<number> {
  const metrics = await (await fetch(`${url}/metrics`)).text();
  return Number(new RegExp(`outcome="${outcome}"} (\\d+)`).exec(metrics)?.[1] ?? 0);
}
