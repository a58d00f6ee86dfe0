import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import { it } from "../it.ts";
import { App, freePort } from "../processes.ts";

/** Starts an app that is to refuse its configuration. */
async function refused(
  name: "gateway" | "producer",
  env: Record<string, string>,
): Promise<{ code: number | null; output: string }> {
  const app = new App(name, await freePort(), { GITHUB_WEBHOOK_SECRET: "x", ...env });
  app.spawn();
  const code = await app.exited();
  return { code, output: app.output };
}

it("an app with a wrong configuration says all of it, one sentence a fault, and exits with 1", async () => {
  const folder = mkdtempSync(join(tmpdir(), "warren-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const file = join(folder, "gateway.yaml");
  writeFileSync(file, "namespaces:\n  /a: { exchange: x, colour: red, log: { maxAge: soon } }\n");
  const gateway = await refused("gateway", { WARREN_CONFIG: file });
  expect(gateway.code).toBe(1);
  expect(gateway.output.trim().split("\n")).toEqual([
    expect.stringMatching(/^gateway: .*:2: namespaces > \/a > log > maxAge: expected an age/),
    expect.stringMatching(/^gateway: .*:2: namespaces > \/a > colour: unknown key/),
  ]);
  const producer = await refused("producer", { PRODUCER_PORT: "808O", GITHUB_WEBHOOK_SECRET: "" });
  expect(producer.code).toBe(1);
  expect(producer.output).toMatch(/PRODUCER_PORT: expected .*got "808O"/);
  expect(producer.output).toMatch(/GITHUB_WEBHOOK_SECRET: missing/);
});

it("a port that is taken, or a password the broker refuses, ends the start with what to do", async ({
  vhost,
  launch,
}) => {
  const { port } = await launch("gateway");
  const taken = await refused("gateway", { AMQP_URL: vhost.amqpUrl, GATEWAY_PORT: String(port) });
  expect([taken.code, taken.output]).toEqual([
    1,
    expect.stringMatching(new RegExp(`GATEWAY_PORT: port ${port} is taken`)),
  ]);
  const url = new URL(vhost.amqpUrl);
  url.password = "wrong-password";
  const wrong = await refused("gateway", { AMQP_URL: url.href, GATEWAY_PORT: String(await freePort()) });
  expect(wrong.code).toBe(1);
  expect(wrong.output).toMatch(/refused/i);
  expect(wrong.output).not.toContain("wrong-password");
});
