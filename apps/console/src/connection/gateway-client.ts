import { connect, type ClientGap, type ConnectionState, type PositionStore } from "@warren/client";
import type { EventMeta, PositionString } from "@warren/events";
import { faultOf, type Fault } from "./fault.ts";

export type { ClientGap } from "@warren/client";

/** What the page needs of a client; the one file that knows `@warren/client`, so that a test can stand in for it. */
export interface GatewayClient {
  readonly position: PositionString | undefined;
  readonly stats: Stats;
  publish(type: string, data: unknown, options: { topic: string; id: string }): Promise<unknown>;
  disconnect(): void;
  reconnect(): void;
  /** For good: the client is of no use after it, and says nothing more. */
  close(): void;
}

/** `connecting`: on its way to the gateway, for the first time or again. Only `reconnect` leads out of `refused`. */
export type ClientState = "connecting" | "replaying" | "live" | "refused";

export interface Stats {
  /** Events that reached the page, replayed ones among them. */
  readonly received: number;
  readonly replayed: number;
  readonly gaps: number;
  /** Events that came again and were left out. */
  readonly repeated: number;
}

export interface GatewayClientOptions {
  /** Origin of the gateway, and the namespace: `https://host/github`. */
  url: string;
  topics: string[];
  /** Where to begin when no position is kept. */
  from: "now" | "first";
  /** Where the position outlives the page. @default nowhere */
  store?: PositionStore;
  onEvent(type: string, data: unknown, meta: EventMeta): void;
  onGap(gap: ClientGap): void;
  onState(state: ClientState): void;
  /** Why an attempt failed, or why the gateway refused; comes after the state it explains. */
  onFault(fault: Fault): void;
}

export function openGatewayClient(options: GatewayClientOptions): GatewayClient {
  const { url, topics, from, store } = options;
  // WebSocket first saves the page the round trips of an upgrade; where it is blocked, long-polling serves.
  const socket = { transports: ["websocket", "polling"], tryAllTransports: true };
  const client = connect(url, { topics, from, store, socket });
  let replayed = 0;
  const removals = [
    client.onAny((type, data, meta) => {
      if (meta.replayed === true) replayed++;
      options.onEvent(type, data, meta);
    }),
    client.onGap((gap) => options.onGap(gap)),
    client.onState((state) => {
      const seen = STATES[state];
      if (seen !== undefined) options.onState(seen);
    }),
    client.onError((error) => {
      // A fault of the page itself, not of the connection: it belongs in the browser's console.
      if (error.code === "LISTENER_FAILED") reportError(error.cause ?? error);
      else options.onFault(faultOf(error));
    }),
  ];
  return {
    get position() {
      return client.position;
    },
    get stats() {
      const { received, gaps, repeats } = client.stats;
      return { received, replayed, gaps, repeated: repeats };
    },
    publish: (type, data, where) => client.publish(type, data, where),
    disconnect: () => client.disconnect(),
    reconnect: () => client.reconnect(),
    close: () => {
      for (const remove of removals) remove();
      void client.close();
    },
  };
}

/** What the page itself asked for (`disconnected`, `closed`) is no news to it. */
const STATES: Record<ConnectionState, ClientState | undefined> = {
  connecting: "connecting",
  reconnecting: "connecting",
  paused: "connecting",
  replaying: "replaying",
  live: "live",
  refused: "refused",
  disconnected: undefined,
  closed: undefined,
};
