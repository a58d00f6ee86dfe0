import { setTimeout as wait } from "node:timers/promises";
import type { Topology } from "@warren/topology";
import type { Backoff } from "./backoff.ts";
import { declareOn } from "./declare.ts";
import { TopologyError } from "./errors.ts";
import type { Link } from "./link.ts";
import type { Logger } from "./logger.ts";

/**
 * Declares what a publisher relies on before it sends anything on a new link. A broker that has just started takes
 * publishes a moment before all its queues are back, and routes past those that are not: the message would be returned,
 * or worse, confirmed for the other queues only. Declaring such a queue answers 404 until it is back.
 *
 * Waits for that up to 10 seconds. What differs, or may not be declared, is logged and does not keep messages back.
 */
export async function restoreTopology(link: Link, topology: Topology, backoff: Backoff, logger: Logger): Promise<void> {
  const giveUp = performance.now() + PATIENCE_MS;
  while (link.lost === undefined) {
    const error = await declareOn(link, topology).then(
      () => undefined,
      (reason: unknown) => reason as Error,
    );
    if (error === undefined || link.lost !== undefined) return;
    const coming =
      error instanceof TopologyError && error.failures.some(({ code }) => code === "DOWN" || code === "MISSING");
    if (!coming || performance.now() > giveUp) {
      logger.warn({ err: error }, `publishing although the topology is not as described: ${error.message}`);
      return;
    }
    await wait(backoff.next());
  }
}

/** Unit: milliseconds. */
const PATIENCE_MS = 10_000;
