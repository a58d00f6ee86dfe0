import { join } from "node:path";

import type { BrokerErrorCode } from "../errors.ts";
import type { NodeSpec } from "./node-spec.ts";

/** What a keeper is started with: the first line of its standard input. */
export interface KeeperOrder {
  spec: NodeSpec;
  /** Whether `spec.dataDir` outlives the run. */
  keepData: boolean;
}

/** How the start went: the first line of the keeper's standard output. */
export type KeeperReport = { ok: true; version: string } | { ok: false; code: BrokerErrorCode; message: string };

export function controlSocket(runDir: string): string {
  return join(runDir, "control.sock");
}
