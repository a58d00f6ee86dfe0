import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import { BrokerError } from "../errors.ts";
import { command } from "./control.ts";
import type { NodePorts } from "./node-spec.ts";

/** What a kept node must be given again: its data belong to its name. The ports are only preferred. */
export interface NodeIdentity {
  nodeName: string;
  cookie: string;
  ports?: NodePorts;
}

const identityFile = (dataDir: string) => join(dataDir, "node.json");
const claimFile = (dataDir: string) => join(dataDir, "keeper.json");

export function newIdentity(): NodeIdentity {
  // `localhost` always resolves, whatever the machine is called; the random part keeps two nodes apart.
  return { nodeName: `warren-${randomBytes(4).toString("hex")}@localhost`, cookie: randomBytes(24).toString("hex") };
}

export function readIdentity(dataDir: string): NodeIdentity | undefined {
  try {
    return JSON.parse(readFileSync(identityFile(dataDir), "utf8")) as NodeIdentity;
  } catch {
    return undefined;
  }
}

export function writeIdentity(dataDir: string, identity: NodeIdentity): void {
  mkdirSync(dataDir, { recursive: true });
  writeFileSync(identityFile(dataDir), JSON.stringify(identity, null, 2) + "\n", { mode: 0o600 });
}

/** How the folder stands: nobody's, another keeper's, or that of a keeper that is ending its node. */
export async function holderOf(dataDir: string): Promise<"nobody" | "leaving" | "another"> {
  const claim = readClaim(dataDir);
  if (claim === undefined) return "nobody";
  try {
    return (await command(claim.control, { do: "status" })).leaving ? "leaving" : "another";
  } catch {
    return "nobody";
  }
}

/**
 * Makes the folder this keeper's own. A claim whose keeper no longer answers is void.
 *
 * @throws BrokerError `BROKER_IN_USE`
 */
export async function claimDataFolder(dataDir: string, control: string): Promise<void> {
  mkdirSync(dataDir, { recursive: true });
  if ((await holderOf(dataDir)) === "nobody") rmSync(claimFile(dataDir), { force: true });
  try {
    writeFileSync(claimFile(dataDir), JSON.stringify({ control }) + "\n", { flag: "wx", mode: 0o600 });
  } catch (cause) {
    throw inUse(dataDir, cause);
  }
}

export function releaseDataFolder(dataDir: string): void {
  rmSync(claimFile(dataDir), { force: true });
}

export function inUse(dataDir: string, cause?: unknown): BrokerError {
  const text = `the broker data in ${dataDir} are in use by another process: stop that one first, or use another folder`;
  return new BrokerError("BROKER_IN_USE", text, { cause });
}

function readClaim(dataDir: string): { control: string } | undefined {
  try {
    return JSON.parse(readFileSync(claimFile(dataDir), "utf8")) as { control: string };
  } catch {
    return undefined;
  }
}
