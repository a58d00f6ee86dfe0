import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";

import { describe, expect } from "vitest";

import { attachBroker } from "../../src/index.ts";
import { it } from "../../src/vitest.ts";
import { openConnection } from "../amqp-client.ts";

const attached = fileURLToPath(new URL("../attached.ts", import.meta.url));

describe("faults", () => {
  for (const abrupt of [false, true]) {
    it(`a ${abrupt ? "killed" : "stopped"} broker is gone, and has its messages and ports again when it is started`, async ({
      broker,
      vhost,
      skip,
    }) => {
      skip(broker.kind === "url", "a broker behind a URL is not ours to stop");
      await vhost.createQueue("kept");
      await vhost.publish("", "kept", "still there", { delivery_mode: 2 });
      const connection = await openConnection(vhost.amqpUrl, "cut off");
      await broker.faults.stop({ abrupt });
      await connection.closed;
      await expect(openConnection(vhost.amqpUrl, "too early")).rejects.toThrow(/ECONN|closed without/);
      await broker.faults.stop();
      await broker.faults.start();
      await broker.faults.start();
      expect((await vhost.get("kept")).map(({ body }) => body.toString())).toEqual(["still there"]);
    });
  }

  it("a frozen broker holds its connections and answers nobody until it is thawed", async ({ broker, vhost, skip }) => {
    skip(broker.kind === "url", "a broker behind a URL is not ours to stop");
    const held = await openConnection(vhost.amqpUrl, "held");
    await broker.faults.freeze();
    let answered = false;
    const waiting = openConnection(vhost.amqpUrl, "waiting").then((connection) => {
      answered = true;
      return connection;
    });
    const overview = fetch(`${broker.managementUrl}/api/overview`, { signal: AbortSignal.timeout(1_000) });
    await expect(overview).rejects.toThrow(/timeout/i);
    expect(answered).toBe(false);
    expect(held.isOpen).toBe(true);
    await broker.faults.thaw();
    const late = await waiting;
    expect(held.isOpen).toBe(true);
    for (const connection of [held, late]) connection.end();
  });

  it("a frozen broker can be stopped", async ({ broker, skip }) => {
    skip(broker.kind === "url", "a broker behind a URL is not ours to stop");
    await broker.faults.freeze();
    await broker.faults.stop({ abrupt: true });
    await broker.faults.start();
    await broker.faults.thaw();
    const vhost = await broker.createVhost("after-frozen");
    await vhost.remove();
  });

  it("a memory alarm is there when raising it returns, and over when clearing it returns", async ({ broker, skip }) => {
    skip(broker.kind === "url", "a broker behind a URL is not ours to stop");
    const authorization = `Basic ${btoa(`${broker.username}:${broker.password}`)}`;
    const check = async () =>
      (await fetch(`${broker.managementUrl}/api/health/checks/alarms`, { headers: { authorization } })).status;
    expect(await check()).toBe(200);
    await broker.faults.raiseMemoryAlarm();
    expect(await check()).toBe(503);
    await broker.faults.clearMemoryAlarm();
    expect(await check()).toBe(200);
  });

  it("all connections of all vhosts can be closed at once", async ({ broker, vhost }) => {
    const other = await broker.createVhost("other");
    const connections = await Promise.all(
      [vhost, other].map(async ({ amqpUrl, name }) => openConnection(amqpUrl, name)),
    );
    expect(await broker.faults.closeAllConnections()).toBe(2);
    for (const connection of connections) expect(await connection.closed).toContain("CONNECTION_FORCED");
    await other.remove();
  });

  it("can be given by another process that attaches, and does not end the broker by releasing it", async ({
    broker,
    vhost,
    skip,
  }) => {
    skip(broker.kind === "url", "a broker behind a URL is not ours to stop");
    await vhost.createQueue("kept");
    const child = spawn(process.execPath, ["--conditions=@warren/source", attached, JSON.stringify(broker)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    let output = "";
    child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
    const code = await new Promise((resolve) => child.once("close", resolve));
    expect({ code, output }).toEqual({ code: 0, output: "stopped\nstarted\nreleased\n" });
    expect(await vhost.queue("kept")).toBeDefined();
  });

  it("of a broker behind a URL are refused, but for the closing of connections", async ({ broker, vhost }) => {
    const { kind: _, metricsUrl: __, ...rest } = broker.toJSON();
    const behindUrl = attachBroker({ ...rest, kind: "url" });
    for (const fault of ["stop", "start", "freeze", "thaw", "raiseMemoryAlarm", "clearMemoryAlarm"] as const) {
      await expect(behindUrl.faults[fault]()).rejects.toMatchObject({ code: "FAULT_UNAVAILABLE" });
    }
    const connection = await openConnection(vhost.amqpUrl, "behind a URL");
    expect(await behindUrl.faults.closeAllConnections()).toBe(1);
    expect(await connection.closed).not.toBe("");
  });
});
