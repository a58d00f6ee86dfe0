import { vi, test } from "vitest";

import { connect, type Client, type ClientOptions, type EventMap } from "../src/index.ts";
import { scriptedGateway, type ScriptedGateway } from "./scripted-gateway.ts";

interface Fixtures {
  gateway: ScriptedGateway;
  /** A client of the gateway, quick to come back; closed with the test. */
  join: <Events extends object = EventMap>(options?: ClientOptions) => Client<Events>;
}

export const it = test.extend<Fixtures>({
  gateway: async ({ task: _ }, use) => {
    const gateway = await scriptedGateway();
    await use(gateway);
    await gateway.close();
  },
  join: async ({ gateway }, use) => {
    const clients: { close(): Promise<void> }[] = [];
    await use(<Events extends object = EventMap>(options: ClientOptions = {}) => {
      const client = connect<Events>(gateway.url, {
        topics: ["#"],
        backoff: { initialMs: 1, maxMs: 20 },
        socket: { transports: ["websocket"] },
        ...options,
      });
      clients.push(client);
      return client;
    });
    await Promise.all(clients.map((client) => client.close()));
  },
});

/** Waits until a check holds. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 4_000, interval: 5 });
}

/** Waits until a client is in a state. */
export function reaches(client: Client, state: Client["state"]): Promise<void> {
  return until(() => {
    if (client.state !== state) throw new Error(`expected ${state}, is ${client.state}`);
  });
}

/** Everything a client hands to listeners, in order, as it comes. */
export function heard(client: Client): unknown[] {
  const data: unknown[] = [];
  client.onAny((_, datum) => data.push(datum));
  return data;
}
