import { writeFileSync } from "node:fs";
import { resolve } from "node:path";
import { Command, InvalidArgumentError } from "commander";
import { environment, load, packageVersion } from "./measure/environment.ts";
import type { Outcome } from "./report/figure.ts";
import { table } from "./report/table.ts";
import { brokerReturn } from "./scenarios/broker-return.ts";
import { fanOut } from "./scenarios/fan-out.ts";
import { memory } from "./scenarios/memory.ts";
import { recovery } from "./scenarios/recovery.ts";
import type { Scenario } from "./scenarios/scenario.ts";
import { slowClients } from "./scenarios/slow-clients.ts";

const SCENARIOS: Readonly<Record<string, Scenario>> = {
  recovery,
  "fan-out": fanOut,
  memory,
  "broker-return": brokerReturn,
  "slow-clients": slowClients,
};

const say = (line: string): void => void process.stderr.write(`${line}\n`);

const rounds = (text: string): number => {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number above 0");
  return value;
};

const command = new Command("bench")
  .description("Measures Warren against stock Socket.IO and others, in the same run.")
  .argument("[scenario...]", `of ${Object.keys(SCENARIOS).join(", ")}; a part of one as scenario:part`)
  .option("--rounds <n>", "rounds of each, interleaved; the median counts", rounds, 3)
  .option("--json <file>", "writes the figures as JSON, too")
  .option("--profile <dir>", "writes CPU profiles of the gateway there; the figures are then of a profiled gateway")
  .parse();

const options = command.opts<{ rounds: number; json?: string; profile?: string }>();
const asked = command.args.length === 0 ? Object.keys(SCENARIOS) : command.args;
const parts = new Map<string, string[]>();
for (const each of asked) {
  const [name = "", part] = each.split(":");
  if (!(name in SCENARIOS)) command.error(`no scenario "${name}"; there are ${Object.keys(SCENARIOS).join(", ")}`);
  parts.set(name, [...(parts.get(name) ?? []), ...(part === undefined ? [] : [part])]);
}

const versions: Record<string, string> = { "socket.io": packageVersion("socket.io") };
const outcomes: Outcome[] = [];
const loadBefore = load();
for (const [name, only] of parts) {
  outcomes.push(
    ...(await SCENARIOS[name]!({
      rounds: options.rounds,
      only,
      profileDir: options.profile === undefined ? undefined : resolve(options.profile),
      say,
      version: (program, version) => (versions[program] = version),
    })),
  );
}

const { node, cores, processor } = environment(versions);
const programs = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
const machine = `Node ${node}, ${programs.join(", ")}; ${cores} cores (${processor}); load ${loadBefore} before, ${load()} after; ${options.rounds} rounds, medians.`;
process.stdout.write(`${machine}\n\n${outcomes.map(table).join("\n")}`);
if (options.json !== undefined) writeFileSync(options.json, JSON.stringify({ machine, outcomes }, null, 2));
