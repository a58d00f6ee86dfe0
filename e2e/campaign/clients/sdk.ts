import { connect, type Client, type EventMeta, type PositionStore } from "@warren/client";
import { identify } from "../load/publication.ts";
import { CampaignClient, type ClientPlan } from "./client.ts";

/** A client of @warren/client, that takes events by a listener or by a loop, and keeps its position in a store. */
export class SdkClient extends CampaignClient {
  readonly kind: string;
  readonly #loops: boolean;
  #client: Client | undefined;
  #stored: string | undefined;
  readonly #store: PositionStore = {
    load: () => this.#stored,
    save: (_key, position) => void (this.#stored = position),
  };
  #over = { repeats: 0, healings: 0 };
  begun = false;

  constructor(plan: ClientPlan, gateway: number, loops: boolean) {
    super(plan, gateway);
    this.kind = loops ? "sdk, loop" : "sdk, listener";
    this.#loops = loops;
  }

  /** What the SDK dropped as repeats, and how often it noticed a live loss and resumed. */
  get stats(): { readonly repeats: number; readonly healings: number } {
    const { repeats, healings } = this.#client?.stats ?? { repeats: 0, healings: 0 };
    return { repeats: this.#over.repeats + repeats, healings: this.#over.healings + healings };
  }

  connect(): void {
    const client = connect(this.url, {
      topics: this.plan.patterns,
      store: this.#store,
      connectTimeoutMs: 5_000,
      backoff: { initialMs: 50, maxMs: 1_000 },
      socket: { query: { client: this.name }, transports: ["websocket"] },
    });
    this.#client = client;
    client.onState((state) => {
      this.history.note(`${state}, at ${client.position ?? "now"}`);
      if (state !== "live" && state !== "replaying") return;
      this.connections++;
      this.#begin(client);
    });
    client.onGap((gap) => {
      this.history.note(`gap ${JSON.stringify(gap)}`);
      this.ledger.gap(gap);
    });
    client.onHealing((healing) => this.history.note(`heals ${JSON.stringify(healing)}`));
    client.onError((error) => this.history.note(`${error.code}: ${error.message}`));
    if (this.#loops) void this.#loop(client);
    else client.onAny((_type, data, meta) => this.#event(client, data, meta));
  }

  cut(): void {
    this.history.note("cuts its connection");
    this.#client?.disconnect();
    this.#client?.reconnect();
  }

  leave(): void {
    this.history.note("leaves");
    this.#client?.disconnect();
  }

  comeBack(): void {
    this.history.note("comes back");
    this.#client?.reconnect();
  }

  async move(gateway: number): Promise<void> {
    await this.close();
    this.gateway = gateway;
    this.history.note(`moves to gateway ${gateway} from ${this.#stored ?? "now"}`);
    this.connect();
  }

  async close(): Promise<void> {
    const client = this.#client;
    if (client === undefined) return;
    this.#over = { ...this.stats };
    this.#client = undefined;
    await client.close();
  }

  async #loop(client: Client): Promise<void> {
    for await (const { data, meta } of client.events()) this.#event(client, data, meta);
  }

  #event(client: Client, data: unknown, { position, topic }: EventMeta): void {
    this.#begin(client);
    this.history.event(position);
    this.ledger.event({ position, topic: this.plan.topicNumber(topic), number: identify(data) });
  }

  #begin({ position }: Client): void {
    if (this.begun || position === undefined) return;
    this.begun = true;
    this.ledger.begin(position);
  }
}
