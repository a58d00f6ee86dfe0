import { execFile } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it, onTestFinished } from "vitest";
import type { Report } from "@warren/conformance";
import { scriptedGateway, type Sabotage } from "./scripted-gateway.ts";

const path = (name: string) => fileURLToPath(new URL(`../${name}`, import.meta.url));

interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function run(program: string, ...args: string[]): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(process.execPath, ["--conditions=@warren/source", program, ...args], (error, stdout, stderr) =>
      resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}

async function open(sabotage: Sabotage = {}): Promise<string> {
  const gateway = await scriptedGateway(sabotage);
  onTestFinished(gateway.close);
  return gateway.url;
}

const main = path("src/main.ts");

it("prints one line per check and a total, and exits with 0 when all pass", async () => {
  const { code, stdout } = await run(main, await open(), "--only", "previous", "--only", "closing");
  expect([code, stdout.trim().split("\n")]).toEqual([
    0,
    [
      expect.stringMatching(/^✓ previous \(websocket\): every event names/),
      expect.stringMatching(/^✓ previous \(polling\): every event names/),
      expect.stringMatching(/^– closing: /),
      "    not provable from outside",
      "2 passed, 0 failed, 1 skipped",
    ],
  ]);
});

it("says what was found instead, and exits with 1, when a check fails; as JSON too", async () => {
  const url = await open({ meta: (meta) => ({ ...meta, replayed: true }) });
  const lines = await run(main, url, "--only", "meta");
  expect([lines.code, lines.stdout]).toEqual([
    1,
    expect.stringContaining(
      "✗ meta (websocket): meta says id, topic and time, and `replayed` only while catching up\n    a live event says replayed: true\n",
    ),
  ]);
  const json = await run(main, url, "--only", "meta", "--json");
  const report = JSON.parse(json.stdout) as Report;
  expect([json.code, report]).toEqual([1, expect.objectContaining({ url, failed: 2, passed: 0, skipped: 0 })]);
  expect(report.results[0]).toMatchObject({ name: "meta", transport: "websocket", outcome: "failed" });
});

it("exits with 2 and one sentence when there is nothing to run against, or nothing to run", async () => {
  const silent = await run(main, "http://127.0.0.1:1");
  expect([silent.code, silent.stderr]).toEqual([
    2,
    expect.stringMatching(/^warren-conformance: no gateway answers at http:\/\/127\.0\.0\.1:1: .+\n$/),
  ]);
  const nonsense = await run(main, await open(), "--only", "nonsense");
  expect([nonsense.code, nonsense.stderr]).toEqual([2, expect.stringMatching(/no check is named "nonsense"/)]);
});

it("where it is not built, says how to build it", async () => {
  const folder = mkdtempSync(join(tmpdir(), "warren-conformance-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, "bin"));
  cpSync(path("bin/warren-conformance.mjs"), join(folder, "bin/warren-conformance.mjs"));
  const { code, stderr } = await run(join(folder, "bin/warren-conformance.mjs"), "http://127.0.0.1:1");
  expect([code, stderr]).toEqual([
    2,
    "warren-conformance is not built: run `npx turbo run build --filter=@warren/conformance` first.\n",
  ]);
});
