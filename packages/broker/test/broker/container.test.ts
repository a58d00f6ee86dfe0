import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { describe, expect, onTestFinished } from "vitest";

import { engineRequest, findEngine, type EngineAddress } from "../../src/container/engine.ts";
import { acquireBroker, type BrokerHandle } from "../../src/index.ts";
import { it } from "../../src/vitest.ts";
import { startOwner, takeFrom } from "../owner.ts";

const env = { ...process.env, WARREN_BROKER: "container" };
const wanted = ["", "container"].includes(process.env["WARREN_BROKER"] ?? "");
const engine = wanted ? await findEngine(process.env) : undefined;

function containerOf(handle: BrokerHandle): { engine: EngineAddress; container: string } {
  if (handle.kind !== "container") throw new Error("not a container");
  return handle;
}

async function exists(handle: BrokerHandle): Promise<boolean> {
  const { engine, container } = containerOf(handle);
  return (await engineRequest(engine, "GET", `/containers/${container}/json`)).status === 200;
}

describe.skipIf(engine === undefined)("a container", () => {
  for (const signal of ["SIGKILL", "SIGINT"] as const) {
    it(`is removed when its owner ends by ${signal}`, async () => {
      const { owner, handle } = await startOwner(env);
      expect(await exists(handle)).toBe(true);
      owner.kill(signal);
      await expect.poll(async () => exists(handle), { timeout: 20_000 }).toBe(false);
    });
  }

  it("finds its kept data again, and refuses them to a second process meanwhile", async () => {
    const dataDir = mkdtempSync(join(tmpdir(), "warren-kept-"));
    onTestFinished(() => rmSync(dataDir, { recursive: true, force: true }));
    const first = await acquireBroker({ env, dataDir });
    onTestFinished(async () => {
      await first.release();
      const { engine, container } = containerOf(first.toJSON());
      await engineRequest(engine, "DELETE", `/volumes/${container}`);
    });
    const kept = await first.createVhost("kept");
    await kept.createQueue("messages");
    await kept.publish("", "messages", "from the first run", { delivery_mode: 2 });
    await expect(acquireBroker({ env, dataDir })).rejects.toMatchObject({ code: "BROKER_IN_USE" });
    await first.release();
    expect(await exists(first.toJSON())).toBe(false);

    const second = await acquireBroker({ env, dataDir });
    try {
      expect(await takeFrom(second, kept.name, "messages")).toMatchObject([{ payload: "from the first run" }]);
    } finally {
      await second.release();
    }
  });
});
