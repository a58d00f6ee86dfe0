import { readFile, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { it } from "@warren/broker/vitest";
import { describe, expect } from "vitest";
import { runCampaign, type CampaignOptions } from "../../campaign/campaign.ts";
import { FAULT_KINDS } from "../../campaign/faults/schedule.ts";
import { tell } from "../../campaign/report.ts";

/** A campaign whose report is printed, since only that says what was proved. */
async function campaign(options: Omit<CampaignOptions, "seed">) {
  const report = await runCampaign({ ...options, seed: Math.floor(Math.random() * 2 ** 32), say: console.log });
  console.log(tell(report).join("\n"));
  return report;
}

describe("the fault campaign", () => {
  it(
    "through every kind of fault, every client gets everything once, in order, or is told of the gap",
    {
      timeout: 240_000,
    },
    async ({ broker, vhost }) => {
      const report = await campaign({
        broker,
        vhost,
        durationMs: 60_000,
        clients: 50,
        rate: 200,
        faultsPerMinute: 24,
        durationFactor: 0.3,
      });
      expect(report.failures).toEqual([]);
      expect(report.deliveries).toBeGreaterThan(10_000);
      const done = new Set([...report.faults.map(({ name }) => name), ...report.unavailable.keys()]);
      expect([...done].sort()).toEqual([...new Set(FAULT_KINDS.map(({ name }) => name))].sort());
      expect(report.gaps.announced).toBeGreaterThan(0);
    },
  );

  it(
    "fails, and leaves its evidence, when gateways skip what their clients missed",
    { timeout: 120_000 },
    async ({ broker, vhost }) => {
      const report = await campaign({
        broker,
        vhost,
        durationMs: 12_000,
        clients: 20,
        rate: 200,
        faultsPerMinute: 60,
        durationFactor: 0.1,
        only: ["client cut", "client away"],
        settleTimeoutMs: 5_000,
        sabotage: "skip-replay",
      });
      expect(report.complaints.loss).toBeGreaterThan(0);
      expect(report.failures.length).toBeGreaterThan(0);
      const evidence = JSON.parse(await readFile(report.evidenceFile!, "utf8")) as {
        clients: { findings: unknown[] }[];
      };
      expect(evidence.clients[0]!.findings.length).toBeGreaterThan(0);
      await rm(dirname(report.evidenceFile!), { recursive: true });
    },
  );
});
