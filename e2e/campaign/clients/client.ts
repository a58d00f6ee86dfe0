import type { Ledger } from "../oracle/ledger.ts";
import type { LogName } from "../load/scenery.ts";
import { History } from "./history.ts";

/** Where a client finds its gateways: one address for each, in a fixed order. */
export type Addresses = readonly string[];

/** What is the same for every client of a campaign. */
export interface ClientPlan {
  readonly name: string;
  readonly log: LogName;
  readonly patterns: readonly string[];
  readonly ledger: Ledger;
  readonly addresses: Addresses;
  readonly topicNumber: (topic: string) => number;
  readonly nowMs: () => number;
}

/** One client under test: it keeps its position as the protocol says, and notes in its ledger whatever it gets. */
export abstract class CampaignClient {
  abstract readonly kind: string;
  readonly plan: ClientPlan;
  readonly history: History;
  /** Which gateway it uses. */
  gateway: number;
  /** Faults that have it in their hands now. */
  busy = 0;
  connections = 0;

  constructor(plan: ClientPlan, gateway: number) {
    this.plan = plan;
    this.gateway = gateway;
    this.history = new History(plan.nowMs);
  }

  get name(): string {
    return this.plan.name;
  }

  get ledger(): Ledger {
    return this.plan.ledger;
  }

  /** Whether it knows where it stands, so that from now on nothing may be lost. */
  abstract readonly begun: boolean;

  abstract connect(): void;
  /** Ends the connection without a goodbye; the client comes back by itself. */
  abstract cut(): void;
  /** Leaves, and stays away until `comeBack`. */
  abstract leave(): void;
  abstract comeBack(): void;
  /** Goes to another gateway, as a new client with the old one's position. */
  abstract move(gateway: number): Promise<void>;
  abstract close(): Promise<void>;

  protected get url(): string {
    return `${this.plan.addresses[this.gateway]!}/${this.plan.log}`;
  }
}
