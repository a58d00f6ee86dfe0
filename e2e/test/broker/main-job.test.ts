import { spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { FaultUnavailable } from "@warren/broker";
import { connect } from "@warren/client";
import { describe, expect } from "vitest";
import { deliveries, postAll } from "../deliveries.ts";
import { it, SECRET } from "../it.ts";
import { PlainClient } from "../plain-client.ts";

const root = new URL("../../../", import.meta.url);

/** What every one of these proves: all that was accepted arrived once, in order, byte for byte. */
function expectExactly(client: PlainClient, accepted: readonly { id: string; body: string }[]): void {
  expect(client.gaps).toEqual([]);
  expect(client.ids).toEqual(accepted.map(({ id }) => id));
  expect(client.received.map(({ data }) => JSON.stringify(data))).toEqual(accepted.map(({ body }) => body));
}

describe("GitHub deliveries, from HTTP through RabbitMQ to a plain Socket.IO client", () => {
  it("all 329 of the demo arrive, in order, byte for byte, live and for one who comes later", async ({ launch }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const client = new PlainClient(`${gateway.url}/github`);
    await client.until(() => client.position !== "now");
    const demo = spawn(
      process.execPath,
      [fileURLToPath(new URL("apps/producer/dist/demo.js", root)), "--rate", "200"],
      {
        env: { ...process.env, PRODUCER_URL: producer.url, GITHUB_WEBHOOK_SECRET: SECRET },
        stdio: ["ignore", "pipe", "pipe"],
      },
    );
    let output = "";
    demo.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const [code] = (await once(demo, "exit")) as [number];
    expect([code, output]).toEqual([0, expect.stringContaining("329 confirmed")]);
    await client.until(() => client.received.length >= 329);
    const bodies = deliveries.map(({ body }) => body);
    expect(client.received.map(({ data }) => JSON.stringify(data))).toEqual(bodies);
    const late = new PlainClient(`${gateway.url}/github`, { position: "first" });
    await late.until(() => late.received.length >= 329);
    expect(late.received.map(({ data }) => JSON.stringify(data))).toEqual(bodies);
    expect(late.received.every(({ meta }) => meta.replayed === true)).toBe(true);
    for (const { socket } of [client, late]) socket.disconnect();
  });

  it("a client that is cut off for 2 s, five times, gets each once, in order", async ({ launch }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const client = new PlainClient(`${gateway.url}/github`);
    await client.until(() => client.position !== "now");
    const posting = postAll(producer.url, 35);
    for (let cut = 1; cut <= 5; cut++) {
      await client.until(() => client.received.length >= cut * 10);
      client.socket.disconnect();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      client.socket.connect();
      const { connections } = client;
      await client.until(() => client.connections > connections);
    }
    const { accepted, refused } = await posting;
    expect(refused).toEqual([]);
    await client.until(() => client.received.length >= accepted.length);
    expectExactly(client, accepted);
    expect(client.connections).toBe(6);
    client.socket.disconnect();
  });

  it("a gateway that is killed and started again loses nothing and repeats nothing", async ({ launch }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const plain = new PlainClient(`${gateway.url}/github`);
    const ids: (string | undefined)[] = [];
    const sdk = connect(`${gateway.url}/github`, { topics: ["#"] });
    sdk.onAny((_type, _data, meta) => ids.push(meta.id));
    await plain.until(() => plain.position !== "now");
    await expect.poll(() => sdk.state).toBe("live");
    const posting = postAll(producer.url, 20);
    for (const after of [60, 180]) {
      await plain.until(() => plain.received.length >= after);
      await gateway.stop("SIGKILL");
      await gateway.start();
    }
    const { accepted, refused } = await posting;
    expect(refused).toEqual([]);
    await plain.until(() => plain.received.length >= accepted.length);
    expectExactly(plain, accepted);
    await expect.poll(() => ids, { timeout: 20_000 }).toEqual(accepted.map(({ id }) => id));
    expect(sdk.stats.gaps).toBe(0);
    plain.socket.disconnect();
    await sdk.close();
  });

  it("with the broker stopped for 5 s, what got 202 arrives and what did not got 503", async ({
    launch,
    broker,
    skip,
  }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    const client = new PlainClient(`${gateway.url}/github`);
    await client.until(() => client.position !== "now");
    const posting = postAll(producer.url, 60);
    await client.until(() => client.received.length >= 50);
    try {
      await broker.faults.stop();
    } catch (error) {
      await posting;
      client.socket.disconnect();
      if (error instanceof FaultUnavailable) return skip(error.message);
      throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, 5_000));
    await broker.faults.start();
    const { accepted, refused } = await posting;
    expect(refused.length).toBeGreaterThan(0);
    expect(new Set(refused.map(({ status }) => status))).toEqual(new Set([503]));
    await client.until(() => client.ids.includes(accepted.at(-1)!.id));
    const ids = new Set(accepted.map(({ id }) => id));
    // A 503 may be for a delivery that the broker took without being able to say so; GitHub would send it again.
    expect(client.ids.filter((id) => ids.has(id!))).toEqual([...ids]);
    expect(new Set(client.ids).size).toBe(client.ids.length);
    expect(client.gaps).toEqual([]);
    client.socket.disconnect();
  });
});

describe("a process of Warren", () => {
  it("drains on SIGTERM and exits with 0", async ({ launch }) => {
    const [gateway, producer] = await Promise.all([launch("gateway"), launch("producer")]);
    expect(await Promise.all([gateway.stop("SIGTERM"), producer.stop("SIGINT")])).toEqual([0, 0]);
  });
});
