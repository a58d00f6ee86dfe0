import type { GatewayClient, GatewayClientOptions, Stats } from "../src/connection/gateway-client.ts";

/** A client whose gateway is the test: it says what the test says, and notes what the page asks of it. */
export class StandInClient implements GatewayClient {
  readonly options: GatewayClientOptions;
  readonly asked: string[] = [];
  position: string | undefined;
  stats: Stats = { received: 0, replayed: 0, gaps: 0, repeated: 0 };
  publishes: { id: string; resolve(): void; reject(error: unknown): void }[] = [];

  constructor(options: GatewayClientOptions) {
    this.options = options;
  }

  publish(_type: string, _data: unknown, { id }: { topic: string; id: string }): Promise<unknown> {
    return new Promise<void>((resolve, reject) => this.publishes.push({ id, resolve: () => resolve(), reject }));
  }

  disconnect(): void {
    this.asked.push("disconnect");
  }

  reconnect(): void {
    this.asked.push("reconnect");
    this.options.onState("connecting");
  }

  close(): void {
    this.asked.push("close");
  }
}

/** Opens stand-ins, and keeps them in the order in which they were opened. */
export function standIns(): { opened: StandInClient[]; open: (options: GatewayClientOptions) => GatewayClient } {
  const opened: StandInClient[] = [];
  const open = (options: GatewayClientOptions) => {
    const client = new StandInClient(options);
    opened.push(client);
    return client;
  };
  return { opened, open };
}
