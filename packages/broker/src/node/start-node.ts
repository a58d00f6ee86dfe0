import { randomBytes } from "node:crypto";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { BrokerError } from "../errors.ts";
import { startKeeper } from "../keeper-process.ts";
import { poll } from "../poll.ts";
import { freePorts } from "../ports.ts";
import { holderOf, newIdentity, readIdentity, writeIdentity, inUse } from "./data-folder.ts";
import { controlSocket, type KeeperOrder, type KeeperReport } from "./keeper-order.ts";
import { endpointsOf, type NodeSpec } from "./node-spec.ts";
import type { ServerPrograms } from "./server-script.ts";

export interface StartedNode {
  version: string;
  amqpUrl: string;
  managementUrl: string;
  metricsUrl: string;
  control: string;
  /** Resolves when node, files and keeper are gone. */
  end: () => Promise<void>;
}

export interface StartOptions {
  programs: ServerPrograms;
  /** Keeps the data here; without it they are thrown away. */
  dataDir?: string | undefined;
  say: (line: string) => void;
  signal?: AbortSignal | undefined;
}

/** A port may be taken between looking and listening. */
const ATTEMPTS = 3;
/** How long a keeper that is ending the same data's node is waited for. */
const LEAVING_TIMEOUT_MS = 30_000;

/** @throws BrokerError `BROKER_START_FAILED`, or `BROKER_IN_USE` for a data folder that another process has a node on */
export async function startPrivateNode(options: StartOptions): Promise<StartedNode> {
  const { dataDir, say, signal } = options;
  if (dataDir !== undefined) await untilUnheld(dataDir, say, signal);
  for (let attempt = 1; ; attempt++) {
    signal?.throwIfAborted();
    try {
      return await startOnce(options, await specOf(options.programs, dataDir), signal);
    } catch (error) {
      if (attempt === ATTEMPTS || signal?.aborted || (error instanceof BrokerError && error.code === "BROKER_IN_USE"))
        throw error;
      if (!(error instanceof Error && /eaddrinuse|in use/i.test(error.message))) throw error;
      say("a port was taken meanwhile; starting again on others");
    }
  }
}

async function untilUnheld(dataDir: string, say: (line: string) => void, signal?: AbortSignal): Promise<void> {
  const holder = await holderOf(dataDir);
  if (holder === "another") throw inUse(dataDir);
  if (holder === "nobody") return;
  say("waiting for the node of the last run to end");
  const ask = async () => ((await holderOf(dataDir)) === "nobody" ? true : undefined);
  if (!(await poll(ask, { timeoutMs: LEAVING_TIMEOUT_MS, signal }))) throw inUse(dataDir);
}

async function specOf(programs: ServerPrograms, dataDir: string | undefined): Promise<NodeSpec> {
  const kept = dataDir === undefined ? undefined : resolve(dataDir);
  const identity = (kept === undefined ? undefined : readIdentity(kept)) ?? newIdentity();
  const preferred = identity.ports;
  const [amqp, management, metrics, distribution, epmd] = (await freePorts(
    5,
    preferred && [preferred.amqp, preferred.management, preferred.metrics, preferred.distribution, preferred.epmd],
  )) as [number, number, number, number, number];
  const ports = { amqp, management, metrics, distribution, epmd };
  if (kept) writeIdentity(kept, { ...identity, ports });
  const runDir = join(tmpdir(), `warren-broker-${randomBytes(4).toString("hex")}`);
  return {
    programs,
    nodeName: identity.nodeName,
    cookie: identity.cookie,
    ports,
    runDir,
    dataDir: kept ?? join(runDir, "data"),
  };
}

async function startOnce(options: StartOptions, spec: NodeSpec, signal?: AbortSignal): Promise<StartedNode> {
  const order: KeeperOrder = { spec, keepData: options.dataDir !== undefined };
  // From source, or compiled beside this file.
  const module = new URL(`./keeper${import.meta.url.endsWith(".ts") ? ".ts" : ".js"}`, import.meta.url);
  const keeper = startKeeper(fileURLToPath(module), order);
  const end = async () => keeper.end();
  const abort = () => void end();
  signal?.addEventListener("abort", abort, { once: true });
  const line = await keeper.report;
  signal?.removeEventListener("abort", abort);
  const report = line === undefined ? undefined : (JSON.parse(line) as KeeperReport);
  if (!report?.ok || signal?.aborted) {
    await end();
    signal?.throwIfAborted();
    const why = report?.ok === false ? report : undefined;
    throw new BrokerError(
      why?.code ?? "BROKER_START_FAILED",
      why?.message ?? "the keeper of the private node ended early",
    );
  }
  keeper.unref();
  return { version: report.version, ...endpointsOf(spec), control: controlSocket(spec.runDir), end };
}
