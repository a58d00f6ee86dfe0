import type { GatewayClient, GatewayClientOptions } from "../connection/gateway-client.ts";
import type { KeptPosition } from "../connection/kept-position.ts";
import { Line, type Phase } from "../connection/line.ts";
import { deliveryOf } from "./delivery.ts";
import { EntryList } from "./entry-list.ts";
import type { Mark } from "./entry.ts";

export interface DeliveryFeedOptions {
  url: string;
  topics: string[];
  kept: KeptPosition;
  open: (options: GatewayClientOptions) => GatewayClient;
}

/** The deliveries of one namespace: the line to the gateway, and the rows it brought with what happened between them. */
export class DeliveryFeed {
  readonly line: Line;
  readonly entries = new EntryList();

  constructor(options: DeliveryFeedOptions) {
    this.line = new Line({
      ...options,
      from: "now",
      onEvent: (type, data, meta) => void this.entries.add(deliveryOf(type, data, meta, Date.now())),
      onGap: (gap) => void this.entries.add({ kind: "gap", at: Date.now(), gap }),
      onPhase: (phase, before) => this.#mark(phase, before),
    });
  }

  /** Live only, from this moment; the rows stay, with a mark. */
  forgetPosition(): void {
    this.#add("anew", "Position forgotten: live only from here on");
    this.line.beginAnew("now");
  }

  /** Everything that the log still has; the rows go, because they would come again. */
  readFromFirst(): void {
    this.entries.clear();
    this.line.beginAnew("first");
  }

  /** Rows are marked only between rows: an empty list tells its story by itself. */
  #mark(phase: Phase, before: Phase): void {
    if (this.entries.length === 0) return;
    if (phase === "cut") this.#add("cut", "You cut the connection");
    else if (phase === "lost" && before !== "connecting") this.#add("lost", "The connection was lost");
    else if (phase === "replaying") this.#add("back", "Connected again: what was missed follows");
    else if (phase === "live" && before !== "replaying") this.#add("back", "Connected again: nothing was missed");
  }

  #add(mark: Mark, text: string): void {
    this.entries.add({ kind: "mark", at: Date.now(), mark, text });
  }
}
