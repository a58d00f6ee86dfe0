import { poll } from "./poll.ts";
import type { Vhost } from "./vhost.ts";

/**
 * Waits until no connection is open in the vhost.
 *
 * @param graceMs how long they may take, in milliseconds @default 3_000
 * @throws Error that names every connection still open then
 */
export async function noConnections(vhost: Vhost, graceMs = 3_000): Promise<void> {
  let open: string[] = [];
  const gone = await poll(
    async () => {
      open = (await vhost.connections()).map(({ name }) => name);
      return open.length === 0 ? true : undefined;
    },
    { timeoutMs: graceMs },
  );
  if (!gone) throw new Error(`the test left connections open: ${open.join(", ")}`);
}
