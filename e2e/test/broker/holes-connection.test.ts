import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { io } from "socket.io-client";
import { describe, expect } from "vitest";
import { expectExactly } from "../oracle.ts";
import { it, type Scene } from "../scene.ts";

describe("nothing is lost or repeated", () => {
  it("when no event was received yet as the connection drops", async ({ scene }) => {
    const wire = await scene.wire(await scene.gateway());
    const client = scene.client(`${wire.url}/chat`);
    await client.ready();
    wire.down = true;
    wire.cut();
    const published = await scene.publish(1, 5);
    wire.down = false;
    await client.untilId(published.at(-1));
    expectExactly(client, published);
  });

  it("for a client that is quiet for longer than any server remembers it: the gateway is another process meanwhile", async ({
    scene,
  }) => {
    const gateway = await scene.gateway();
    const wire = await scene.wire(gateway);
    const [quiet, earlier] = [scene.client(`${wire.url}/chat`), scene.client(`${wire.url}/chat`)];
    await Promise.all([quiet.ready(), earlier.ready()]);
    const before = await scene.publish(1, 3);
    await Promise.all([quiet, earlier].map((client) => client.untilId(before.at(-1))));
    wire.down = true;
    expect(await gateway.stop("SIGTERM")).toBe(0);
    await gateway.start();
    const after = await scene.publish(4, 8);
    wire.down = false;
    await Promise.all([quiet, earlier].map((client) => client.untilId(after.at(-1))));
    for (const client of [quiet, earlier]) expectExactly(client, [...before, ...after]);
  });

  it("when the gateway is killed with SIGKILL in the middle of a burst", async ({ scene }) => {
    const gateway = await scene.gateway();
    const client = scene.client(`${gateway.url}/chat`);
    await client.ready();
    const publishing = scene.publish(1, 5_000);
    await client.until(() => client.received.length >= 200);
    await gateway.stop("SIGKILL");
    await gateway.start();
    const published = [...(await publishing), ...(await scene.publish(5_001, 5_003))];
    await client.untilId(published.at(-1));
    expectExactly(client, published);
    expect(client.connections).toBeGreaterThan(1);
  });

  it("when a client reconnects before the gateway noticed the drop, both connections alive", async ({ scene }) => {
    const wire = await scene.wire(await scene.gateway());
    const client = scene.client(`${wire.url}/chat`);
    await client.ready();
    const before = await scene.publish(1, 5);
    await client.untilId(before.at(-1));
    wire.strand();
    const during = await scene.publish(6, 10);
    await client.untilId(during.at(-1));
    const after = await scene.publish(11, 20);
    await client.untilId(after.at(-1));
    expect(wire.stranded).toBe(1);
    expectExactly(client, [...before, ...during, ...after]);
  });

  it("when the connection drops twice in quick succession", async ({ scene }) => {
    const wire = await scene.wire(await scene.gateway());
    const client = scene.client(`${wire.url}/chat`);
    await client.ready();
    const published = await scene.publish(1, 500);
    wire.cut();
    published.push(...(await scene.publish(501, 1_000)));
    await client.until(() => client.connections > 1);
    wire.cut();
    published.push(...(await scene.publish(1_001, 1_010)));
    await client.untilId(published.at(-1));
    expect(client.connections).toBeGreaterThan(2);
    expectExactly(client, published);
  });

  it("when an event's last argument is a string, which the tutorial's client must not take for a position", async ({
    scene,
  }) => {
    const wire = await scene.wire(await scene.gateway());
    // As in the tutorial: whatever comes second is what the client comes back with.
    const socket = io(wire.url, {
      auth: { serverOffset: 0 },
      forceNew: true,
      reconnectionDelay: 50,
      transports: ["websocket"],
    });
    const heard: string[] = [];
    socket.on("chat message", (text: string, serverOffset: unknown) => {
      heard.push(text);
      (socket.auth as { serverOffset: unknown }).serverOffset = serverOffset;
    });
    try {
      const texts = ["0-00000000", "<0", "first", "0", "99999-deadbeef"];
      for (const [index, text] of texts.entries()) {
        const said = { type: "chat message", body: Buffer.from(text), contentType: "text/plain" };
        await scene.publish(index, index, said);
        await expect.poll(() => heard).toEqual(texts.slice(0, index + 1));
        wire.cut();
      }
    } finally {
      socket.disconnect();
    }
  });

  it("when a client reconnects to another gateway", async ({ scene }) => {
    const [one, other] = await Promise.all([scene.gateway(), scene.gateway()]);
    const wire = await scene.wire(one);
    const client = scene.client(`${wire.url}/chat`);
    await client.ready();
    const published: string[] = [];
    for (const [round, { port }] of [other, one, other, one].entries()) {
      const publishing = scene.publish(round * 100 + 1, round * 100 + 100);
      await client.until(() => client.received.length >= round * 100);
      wire.target = port;
      wire.cut();
      published.push(...(await publishing));
    }
    await client.untilId(published.at(-1));
    expect(client.connections).toBeGreaterThanOrEqual(3);
    expectExactly(client, published);
  });

  it("when the handshake fails half-way, again and again, then succeeds", async ({ scene }) => {
    const gateway = await scene.gateway();
    const transports = [["websocket" as const], ["polling" as const], ["polling" as const, "websocket" as const]];
    for (const [round, transport] of transports.entries()) {
      const wire = await scene.wire(gateway);
      const client = scene.client(`${wire.url}/chat`, { transports: transport, connectTimeoutMs: 1_000 });
      await client.ready();
      wire.down = true;
      wire.cut();
      const published = await scene.publish(round * 100, round * 100 + 20);
      // Socket.IO's client notices some of these only by its own timeout. From the first byte of the answer to the middle of what is replayed.
      wire.breaks.push(1, 60, 130, 260, 300, 340, 420, 600, 900, 1_500);
      wire.down = false;
      await client.untilId(published.at(-1));
      expect(wire.breaks.length).toBeLessThan(8);
      expectExactly(client, published);
    }
  });

  it("for a client whose clock is ten years ahead", ({ scene }) => expectNoClock(scene, 10));

  it("for a client whose clock is ten years behind", ({ scene }) => expectNoClock(scene, -10));
});

async function expectNoClock(scene: Scene, years: number): Promise<void> {
  const gateway = await scene.gateway();
  const published = await scene.publish(1, 50);
  const program = fileURLToPath(new URL("../far-clock-client.ts", import.meta.url));
  const args = ["--conditions=@warren/source", program, `${gateway.url}/chat`, String(years), published.at(-1)!];
  const { stdout } = await promisify(execFile)(process.execPath, args);
  expect(JSON.parse(stdout)).toEqual({ year: new Date().getFullYear() + years, ids: published, gaps: 0 });
}
