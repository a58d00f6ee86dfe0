import { onTestFinished, vi } from "vitest";

import { connect, type Client, type ClientOptions, type ConnectionState, type EventMap } from "../src/index.ts";
import { scriptedGateway, type ScriptedGateway } from "./scripted-gateway.ts";

interface Stage {
  readonly gateway: ScriptedGateway;
  /** A client of the gateway, quick to come back. */
  join<Events extends object = EventMap>(options?: ClientOptions): Client<Events>;
}

/** A gateway, and clients of it, for the test that runs; closed with it. */
export async function stage(): Promise<Stage> {
  const gateway = await scriptedGateway();
  const clients: { close(): Promise<void> }[] = [];
  onTestFinished(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await gateway.close();
  });
  return {
    gateway,
    join<Events extends object = EventMap>(options: ClientOptions = {}) {
      const client = connect<Events>(gateway.url, {
        topics: ["#"],
        backoff: { initialMs: 1, maxMs: 20 },
        socket: { transports: ["websocket"] },
        ...options,
      });
      clients.push(client);
      return client;
    },
  };
}

/** Waits until a check holds. */
export function until(check: () => void): Promise<void> {
  return vi.waitFor(check, { timeout: 4_000, interval: 5 });
}

/** Waits until a client is in a state. */
export function reaches(client: { readonly state: ConnectionState }, state: ConnectionState): Promise<void> {
  return until(() => {
    if (client.state !== state) throw new Error(`expected ${state}, is ${client.state}`);
  });
}

/** Everything a client hands to listeners, in order, as it comes. */
export function heard(client: Pick<Client, "onAny">): unknown[] {
  const data: unknown[] = [];
  client.onAny((_, datum) => data.push(datum));
  return data;
}
