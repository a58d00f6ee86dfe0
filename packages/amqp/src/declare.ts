import type { Topology } from "@warren/topology";
import type { Connection } from "./connection.ts";

/**
 * Applies a topology in order; idempotent; deletes nothing. Waits for the connection to be open. Throws
 * `TopologyError` naming every failure: what differs and what to do; `ConnectionLost` or `ConnectionClosed` when
 * the connection goes meanwhile.
 */
export async function declareTopology(connection: Connection, topology: Topology): Promise<void> {
  await connection.opened();
  throw new Error(`not yet: ${topology.queues.length}`);
}
