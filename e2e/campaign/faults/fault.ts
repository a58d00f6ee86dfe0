import type { Broker, Vhost } from "@warren/broker";
import type { CampaignClient } from "../clients/client.ts";
import type { GatewayProcess } from "../gateway.ts";
import type { Network } from "../network.ts";
import type { LoadPublisher } from "../load/publisher.ts";
import type { Auditor } from "../oracle/auditor.ts";
import type { Random } from "../random.ts";

/** What faults can lay their hands on. */
export interface Stage {
  readonly broker: Broker;
  readonly vhost: Vhost;
  readonly gateways: readonly GatewayProcess[];
  /** The network before each gateway. */
  readonly networks: readonly Network[];
  readonly clients: readonly CampaignClient[];
  /** Names by which publishers are known to the network. */
  readonly publisherNames: readonly string[];
  /** Publishes volume on each log, over AMQP. */
  readonly volume: { readonly main: LoadPublisher; readonly brief: LoadPublisher };
  readonly briefAuditor: Auditor;
}

/** One fault under way. */
export interface Act {
  readonly stage: Stage;
  readonly random: Random;
  /** Clients that nobody else has in hand; they are in this fault's hands until it is over. */
  take(count: number, which?: (client: CampaignClient) => boolean): CampaignClient[];
  /** Waits between two bounds, shorter in a short campaign, and no longer than the campaign. Unit: milliseconds. */
  wait(leastMs: number, mostMs: number): Promise<void>;
  /** What is told of it in the evidence. */
  note(detail: string): void;
}

export interface FaultKind {
  readonly name: string;
  /** How often it is drawn, relative to the others. */
  readonly weight: number;
  /** Faults that need the same thing do not overlap. @default none */
  readonly needs?: "broker" | "gateway 0" | "gateway 1" | "volume";
  /** Does the fault, waits, and undoes it, whatever happens. Resolves with the clients that had to recover. */
  run(act: Act): Promise<readonly CampaignClient[]>;
}
