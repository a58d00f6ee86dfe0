import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { describe, expect, onTestFinished } from "vitest";

import { acquireBroker, attachBroker, type BrokerHandle } from "../../src/index.ts";
import { findServerPrograms } from "../../src/node/server-script.ts";
import { it } from "../../src/vitest.ts";
import { startOwner, takeFrom } from "../owner.ts";

const env = { ...process.env, WARREN_BROKER: "node" };

/** Every process that was started for this folder has its path in its arguments or environment. */
function processesOf(folder: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => {
      try {
        return ["environ", "cmdline"].some((file) => readFileSync(`/proc/${pid}/${file}`, "utf8").includes(folder));
      } catch {
        return false;
      }
    })
    .map(Number);
}

function runFolder(handle: BrokerHandle): string {
  if (handle.kind !== "node") throw new Error("not a private node");
  return dirname(handle.control);
}

async function expectNothingLeft(folder: string): Promise<void> {
  await expect
    .poll(() => ({ processes: processesOf(folder), folder: existsSync(folder) }), { timeout: 15_000 })
    .toEqual({ processes: [], folder: false });
}

describe.skipIf(findServerPrograms(process.env) === undefined)("a private node", () => {
  it("runs beside another, and is gone with its files after release", async ({ broker }) => {
    const one = await acquireBroker({ env });
    const folder = runFolder(one.toJSON());
    // keeper, Erlang machine, its child setup, epmd
    expect(processesOf(folder).length).toBeGreaterThanOrEqual(3);
    const vhosts = await Promise.all([one, broker].map(async (each) => each.createVhost("beside")));
    expect(new Set([one.amqpUrl, broker.amqpUrl]).size).toBe(2);
    for (const vhost of vhosts) await vhost.remove();
    await one.release();
    expect({ processes: processesOf(folder), folder: existsSync(folder) }).toEqual({ processes: [], folder: false });
  });

  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`leaves no process and no file behind when its owner ends by ${signal}`, async () => {
      const { owner, handle } = await startOwner(env);
      const folder = runFolder(handle);
      expect(processesOf(folder)).not.toEqual([]);
      owner.kill(signal);
      await expectNothingLeft(folder);
    });
  }

  it("leaves nothing behind when it was frozen, or started again by another process, before its owner was killed", async () => {
    const { owner, handle } = await startOwner(env);
    const folder = runFolder(handle);
    const { faults } = attachBroker(handle);
    await faults.stop({ abrupt: true });
    await faults.start();
    await faults.freeze();
    owner.kill("SIGKILL");
    await expectNothingLeft(folder);
  });

  it("leaves nothing behind when it is given up while it starts", async () => {
    const before = new Set(readdirSync(tmpdir()));
    const giveUp = new AbortController();
    const failure = acquireBroker({ env, signal: giveUp.signal });
    const mine = () => readdirSync(tmpdir()).find((name) => name.startsWith("warren-broker-") && !before.has(name));
    await expect.poll(mine).toBeDefined();
    const folder = join(tmpdir(), mine() ?? "");
    giveUp.abort(new Error("changed my mind"));
    await expect(failure).rejects.toThrow("changed my mind");
    await expectNothingLeft(folder);
  });

  it("finds its kept data again, and refuses them to a second process meanwhile", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "warren-kept-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const first = await acquireBroker({ env, dataDir });
    onTestFinished(async () => first.release());
    const kept = await first.createVhost("kept");
    await kept.createQueue("messages");
    await kept.publish("", "messages", "from the first run", { delivery_mode: 2 });
    await expect(acquireBroker({ env, dataDir })).rejects.toMatchObject({
      code: "BROKER_IN_USE",
      message: expect.stringContaining(dataDir),
    });
    await first.release();

    const second = await acquireBroker({ env, dataDir });
    onTestFinished(async () => second.release());
    expect(await takeFrom(second, kept.name, "messages")).toMatchObject([{ payload: "from the first run" }]);
  });
});
