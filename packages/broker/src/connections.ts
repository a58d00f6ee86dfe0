import { setTimeout as sleep } from "node:timers/promises";

import { closeConnections, LIST_CONNECTIONS, parseConnections } from "./connection-eval.ts";
import type { Management } from "./management.ts";
import { poll } from "./poll.ts";

export interface ConnectionInfo {
  /** The name the client gave, or `address` when it gave none. */
  name: string;
  /** `host:port -> host:port`, which is unique. */
  address: string;
  user: string;
  vhost: string;
}

export interface ConnectionFilter {
  vhost?: string;
  name?: RegExp;
}

/** Sees and closes AMQP connections. */
export interface ConnectionSource {
  list(): Promise<ConnectionInfo[]>;
  /** Closes what the filter matches at the time of the call, and waits until it is gone. @returns how many */
  close(filter: ConnectionFilter): Promise<number>;
}

/** Runs rabbitmqctl on the broker's node. @returns what it printed */
export type Ctl = (args: readonly string[]) => Promise<string>;

/** The management API's sampling interval, unless configured, and a little more: after it, it has seen all there was. */
const SAMPLING_MS = 5_500;
const GONE_TIMEOUT_MS = 15_000;

export async function listConnections(source: ConnectionSource, filter: ConnectionFilter): Promise<ConnectionInfo[]> {
  return (await source.list()).filter((connection) => matches(connection, filter));
}

/**
 * Asks the node itself, which knows of a connection at once; the management API does a second later.
 *
 * @param openCount how many connections are open on the whole broker, when that can be had cheaply
 */
export function createCtlSource(ctl: Ctl, openCount: () => Promise<number | undefined>): ConnectionSource {
  async function list(): Promise<(ConnectionInfo & { pid: string })[]> {
    return (await openCount()) === 0 ? [] : parseConnections(await ctl(["eval", LIST_CONNECTIONS]));
  }
  return {
    list: async () => (await list()).map(({ name, address, user, vhost }) => ({ name, address, user, vhost })),
    async close(filter) {
      const targets = (await list()).filter((connection) => matches(connection, filter));
      if (targets.length === 0) return 0;
      const open = (await ctl(["eval", closeConnections(targets.map(({ pid }) => pid))])).trim();
      if (open !== "[]") throw new Error(`connections stayed open after they were closed: ${open}`);
      return targets.length;
    },
  };
}

/** For a broker of which only the URL is known: `list` does not see a connection younger than its sampling interval. */
export function createManagementSource(management: Management): ConnectionSource {
  const source: ConnectionSource = {
    async list() {
      const connections = (await management.get<ManagementConnection[]>("/api/connections")) ?? [];
      return connections.map((connection) => ({
        name: connection.user_provided_name ?? connection.client_properties?.["connection_name"] ?? connection.name,
        address: connection.name,
        user: connection.user ?? "",
        vhost: connection.vhost ?? "",
      }));
    },
    async close(filter) {
      await sleep(SAMPLING_MS);
      const targets = await listConnections(source, filter);
      for (const { address } of targets) await management.delete(`/api/connections/${encodeURIComponent(address)}`);
      await untilGone(source, targets);
      return targets.length;
    },
  };
  return source;
}

async function untilGone(source: ConnectionSource, targets: readonly ConnectionInfo[]): Promise<void> {
  const addresses = new Set(targets.map(({ address }) => address));
  const gone = await poll(
    async () => ((await source.list()).some(({ address }) => addresses.has(address)) ? undefined : true),
    {
      timeoutMs: GONE_TIMEOUT_MS,
    },
  );
  if (!gone)
    throw new Error(
      `connections were still open ${GONE_TIMEOUT_MS} ms after they were closed: ${[...addresses].join(", ")}`,
    );
}

function matches(connection: ConnectionInfo, filter: ConnectionFilter): boolean {
  return (
    (filter.vhost === undefined || connection.vhost === filter.vhost) &&
    (filter.name === undefined || connection.name.search(filter.name) >= 0)
  );
}

interface ManagementConnection {
  name: string;
  user?: string;
  vhost?: string;
  user_provided_name?: string;
  client_properties?: Record<string, string>;
}
