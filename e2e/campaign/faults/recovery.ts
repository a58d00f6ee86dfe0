import { setTimeout as delay } from "node:timers/promises";
import type { CampaignClient } from "../clients/client.ts";

const POLL_MS = 25;
const PATIENCE_MS = 120_000;

export interface Recovery {
  /** Unit: milliseconds; undefined where it was given up. */
  readonly tookMs: number | undefined;
  /** One of those that took longest. */
  readonly last: string;
}

/**
 * From now until something new stands in the log and each of these has it and all before it, as far as it is for them.
 * Whoever another fault takes in hand meanwhile is not waited for. Given up after two minutes, or when all is over.
 */
export async function recovery(clients: readonly CampaignClient[], over: () => boolean): Promise<Recovery> {
  const startedMs = performance.now();
  let waiting = clients.map(({ ledger }, index) => ({
    client: clients[index]!,
    records: ledger.logRecords,
    target: undefined as [number, number] | undefined,
  }));
  let last = "";
  for (;;) {
    await delay(POLL_MS);
    for (const each of waiting) {
      if (each.client.ledger.logRecords > each.records) each.target ??= each.client.ledger.target();
    }
    waiting = waiting.filter(
      ({ client, target }) => client.busy === 0 && (target === undefined || !client.ledger.arrived(...target)),
    );
    const tookMs = performance.now() - startedMs;
    if (waiting.length === 0) return { tookMs, last };
    last = waiting[0]!.client.name;
    if (tookMs > PATIENCE_MS || over()) return { tookMs: undefined, last };
  }
}
