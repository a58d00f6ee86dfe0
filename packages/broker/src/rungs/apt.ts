import { spawn } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";

import type { Broker } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import type { Rung } from "../ladder.ts";
import { findServerPrograms } from "../node/server-script.ts";
import type { StartOptions } from "../node/start-node.ts";
import { acquirePrivateNode } from "./node.ts";

type Options = Omit<StartOptions, "programs">;

/** Asked by Debian's packages before they start a service; 101 forbids it. */
const POLICY_FILE = "/usr/sbin/policy-rc.d";
const FORBID_ALL = "#!/bin/sh\nexit 101\n";

/** RabbitMQ from the distribution's packages, on Debian and its kin, as root. */
export function aptRung(env: Record<string, string | undefined>, options: Options): Rung {
  return {
    kind: "node",
    async probe() {
      if (process.getuid?.() !== 0 || !isDebianLike() || !existsSync("/usr/bin/apt-get")) return undefined;
      const doing = "installing rabbitmq-server with apt-get (only this once)";
      return { doing, acquire: async () => install(env, options) };
    },
  };
}

async function install(env: Record<string, string | undefined>, options: Options): Promise<Broker> {
  await withoutServiceStarts(async () => {
    await apt(["update"], env, options);
    await apt(["install", "-y", "--no-install-recommends", "rabbitmq-server"], env, options);
  });
  const programs = findServerPrograms(env);
  if (programs === undefined)
    throw new BrokerError("BROKER_START_FAILED", "rabbitmq-server was installed, but is not to be found");
  options.say(`starting a private RabbitMQ node (${programs.server})`);
  return acquirePrivateNode(programs, options);
}

/** The package would start a RabbitMQ of its own, on the usual ports. */
async function withoutServiceStarts(work: () => Promise<void>): Promise<void> {
  if (existsSync(POLICY_FILE)) return work();
  const remove = () => rmSync(POLICY_FILE, { force: true });
  writeFileSync(POLICY_FILE, FORBID_ALL, { mode: 0o755 });
  process.once("exit", remove);
  try {
    await work();
  } finally {
    remove();
    process.off("exit", remove);
  }
}

async function apt(args: readonly string[], env: Record<string, string | undefined>, options: Options): Promise<void> {
  options.say(`apt-get ${args.join(" ")}`);
  const child = spawn("apt-get", args, {
    env: { ...env, DEBIAN_FRONTEND: "noninteractive" },
    stdio: ["ignore", "pipe", "pipe"],
    signal: options.signal,
  });
  for (const stream of [child.stdout, child.stderr])
    createInterface({ input: stream }).on("line", (line) => options.say(`  ${line}`));
  const code = await new Promise<number | null>((resolve, reject) =>
    child.once("error", reject).once("close", resolve),
  );
  if (code !== 0)
    throw new BrokerError(
      "BROKER_START_FAILED",
      `apt-get ${args[0]} failed with exit code ${code}: see its lines above`,
    );
}

function isDebianLike(): boolean {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync("/etc/os-release", "utf8"));
  } catch {
    return false;
  }
}
