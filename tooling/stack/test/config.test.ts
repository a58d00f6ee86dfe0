import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig, StackRefused } from "../src/config.ts";
import { temporaryFolder } from "./processes.ts";

async function repository(path: string, apps: string[], files = ["gateway.yaml"]): Promise<void> {
  for (const app of apps) {
    await mkdir(join(path, "apps", app, "src"), { recursive: true });
    await writeFile(join(path, "apps", app, "src", "main.ts"), "");
  }
  for (const file of files) await writeFile(join(path, file), "");
}

function faultsOf(env: Record<string, string>, root: string): readonly string[] {
  try {
    loadConfig(env, root);
    return [];
  } catch (error) {
    if (error instanceof StackRefused) return error.faults;
    throw error;
  }
}

test("only the apps that exist are run, in their order", async () => {
  await using folder = await temporaryFolder();
  await repository(folder.path, ["producer", "gateway"]);
  const config = loadConfig({ GATEWAY_PORT: "4000", PRODUCER_PORT: "" }, folder.path);
  expect(config.apps.map((app) => [app.name, app.port])).toEqual([
    ["gateway", 4000],
    ["producer", 3001],
  ]);
  expect(config.environment["WARREN_CONFIG"]).toBe(join(folder.path, "gateway.yaml"));
});

test("the webhook secret is warren-demo unless one is given", async () => {
  await using folder = await temporaryFolder();
  await repository(folder.path, []);
  expect(loadConfig({}, folder.path)).toMatchObject({ webhookSecret: "warren-demo", webhookSecretIsDefault: true });
  const own = loadConfig({ GITHUB_WEBHOOK_SECRET: "s3" }, folder.path);
  expect(own).toMatchObject({ webhookSecret: "s3", webhookSecretIsDefault: false });
  expect(own.environment["GITHUB_WEBHOOK_SECRET"]).toBe("s3");
});

test("every fault is told at once", async () => {
  await using folder = await temporaryFolder();
  await repository(folder.path, ["gateway", "producer", "consumer"], []);
  const faults = faultsOf({ GATEWAY_PORT: "808O", CONSUMER_PORT: "3001" }, folder.path);
  expect(faults).toEqual([
    'GATEWAY_PORT: expected 1-65535, got "808O"',
    "PRODUCER_PORT and CONSUMER_PORT are both 3001: give them different ports",
    `WARREN_CONFIG: there is no file ${join(folder.path, "gateway.yaml")}`,
  ]);
});
