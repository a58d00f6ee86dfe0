import { FaultUnavailable, type Vhost } from "@warren/broker";
import { it as brokerIt } from "@warren/broker/vitest";
import type { TestContext } from "vitest";
import {
  createConnection,
  createPublisher,
  declareTopology,
  type Connection,
  type ConnectionOptions,
  type OutgoingMessage,
  type Publisher,
  type PublisherOptions,
} from "../../src/index.ts";

/** Connections and publishers of one test, closed when it ends. */
export interface Wire {
  connect(options?: Partial<ConnectionOptions>): Promise<Connection>;
  /** A publisher on a connection of its own, which is open. */
  publisher(options?: PublisherOptions): Promise<Publisher & { connection: Connection }>;
  /** A topic exchange `e`, bound to a durable classic queue `q` with `yes.#`. */
  route(queue?: "classic" | "quorum"): Promise<void>;
  /** The message ids in queue `q`, taken out of it, in order. */
  ids(): Promise<string[]>;
}

export const it = brokerIt.extend<{ wire: Wire }>({
  wire: async ({ vhost }, use) => {
    const connections: Connection[] = [];
    const connect: Wire["connect"] = async (options) => {
      const connection = createConnection({ url: vhost.amqpUrl, name: "test", ...options });
      connections.push(connection);
      await connection.opened();
      return connection;
    };
    await use({
      connect,
      async publisher(options) {
        const connection = await connect({ name: "publisher" });
        const publisher = createPublisher(connection, options);
        return Object.assign(publisher, { connection });
      },
      async route(queueType = "classic") {
        await declareTopology(await connect({ name: "declare" }), {
          exchanges: [{ name: "e", type: "topic" }],
          queues: [{ queueType, name: "q" }],
          bindings: [{ exchange: "e", queue: "q", pattern: "yes.#" }],
        });
      },
      ids: () => takeIds(vhost),
    });
    await Promise.all(connections.map((connection) => connection.close()));
  },
});

async function takeIds(vhost: Vhost): Promise<string[]> {
  const ids: string[] = [];
  for (;;) {
    const messages = await vhost.get("q", 1_000);
    if (messages.length === 0) return ids;
    for (const { properties } of messages) ids.push(properties.message_id ?? "");
  }
}

export function message(id: string | number, more: Partial<OutgoingMessage> = {}): OutgoingMessage {
  return { exchange: "e", routingKey: "yes.a", body: Buffer.from(`body ${id}`), id: String(id), ...more };
}

/** How each publish ended: "confirmed" or the code of its error. */
export async function outcomes(publishes: Promise<void>[]): Promise<string[]> {
  const settled = await Promise.allSettled(publishes);
  return settled.map((each) => (each.status === "fulfilled" ? "confirmed" : (each.reason as { code: string }).code));
}

/** Each id once, where it first stood. */
export function firsts(ids: string[]): string[] {
  return [...new Set(ids)];
}

/** Brings a fault about; skips the test, with the reason, on a broker that cannot be given it. */
export async function befall(skip: TestContext["skip"], fault: () => Promise<unknown>): Promise<void> {
  try {
    await fault();
  } catch (error) {
    if (error instanceof FaultUnavailable) skip(error.message);
    throw error;
  }
}
