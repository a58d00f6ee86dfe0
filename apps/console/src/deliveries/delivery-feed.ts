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
  /** A mark says so, and none yet that it is over. */
  #wasAway = false;

  constructor(options: DeliveryFeedOptions) {
    this.line = new Line({
      ...options,
      from: "now",
      onEvent: (type, data, meta) => void this.entries.add(deliveryOf(type, data, meta, Date.now())),
      onGap: (gap) => void this.entries.add({ kind: "gap", at: Date.now(), gap }),
      onPhase: (phase) => this.#mark(phase),
    });
  }

  /** Live only, from this moment; the rows stay, with a mark. */
  forgetPosition(): void {
    this.#wasAway = false;
    this.#add("anew", "Position forgotten: live only from here on");
    this.line.beginAnew("now");
  }

  /** Everything that the log still has; the rows go, because they would come again. */
  readFromFirst(): void {
    this.#wasAway = false;
    this.entries.clear();
    this.line.beginAnew("first");
  }

  #mark(phase: Phase): void {
    if (phase === "cut") this.#away("cut", "You cut the connection");
    else if (phase === "lost") this.#away("lost", "The connection was lost");
    else if (phase === "replaying") this.#back("Connected again: catching up on what was missed");
    else if (phase === "live") this.#back("Connected again: there was nothing to catch up on");
  }

  /** Marks stand only between rows: an empty list tells its story by itself. */
  #away(mark: Mark, text: string): void {
    if (this.entries.length === 0) return;
    this.#add(mark, text);
    this.#wasAway = true;
  }

  #back(text: string): void {
    if (!this.#wasAway) return;
    this.#add("back", text);
    this.#wasAway = false;
  }

  #add(mark: Mark, text: string): void {
    this.entries.add({ kind: "mark", at: Date.now(), mark, text });
  }
}
