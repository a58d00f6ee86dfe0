import type { EngineAddress } from "./container/engine.ts";
import type { Vhost } from "./vhost.ts";

/** How a broker is had: it was running already, in a container of ours, or as a private node of ours. */
export type BrokerKind = "url" | "container" | "node";

export interface Broker {
  readonly kind: BrokerKind;
  /** RabbitMQ's version, such as `3.10.8`. */
  readonly version: string;
  /** One line for people: `RabbitMQ 3.10.8, private node on 127.0.0.1:24567`. */
  readonly description: string;
  /** Default vhost, credentials included. */
  readonly amqpUrl: string;
  /** Without credentials and without a slash at its end. */
  readonly managementUrl: string;
  readonly username: string;
  readonly password: string;
  readonly faults: BrokerFaults;
  /**
   * Makes a vhost with a random name, which the broker's user may do everything in.
   *
   * @param hint start of the name @default "test"
   */
  createVhost(hint?: string): Promise<Vhost>;
  /** Enough to attach from another process: see `attachBroker`. */
  toJSON(): BrokerHandle;
  /**
   * Ends what acquiring began: node or container, their processes and their files (data in a `dataDir` stays).
   * A broker behind a URL is left as it is, and so is every broker when an attached process calls this.
   */
  release(): Promise<void>;
}

/**
 * What can befall a broker. Each resolves when the fact is there, not when it was asked for, and is idempotent: stopping a
 * stopped node does nothing. What a kind cannot do throws {@link FaultUnavailable}.
 */
export interface BrokerFaults {
  /**
   * Ends the broker's process and keeps its data. Resolves when the process is gone.
   *
   * @param options.abrupt SIGKILL instead of an orderly shutdown. What was declared stays declared; messages that were not
   *   confirmed may be lost. @default false
   */
  stop(options?: { abrupt?: boolean }): Promise<void>;
  /** Starts it again on the same data and the same ports. Resolves when AMQP and the management API answer. */
  start(): Promise<void>;
  /** Stops the process in its tracks: connections stay open, nothing is read or answered. */
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  /** Publishing connections become blocked. Resolves when the broker reports the alarm. */
  raiseMemoryAlarm(): Promise<void>;
  clearMemoryAlarm(): Promise<void>;
  /**
   * Closes every AMQP connection that is open when it is called, in all vhosts.
   *
   * @returns how many it closed
   */
  closeAllConnections(): Promise<number>;
}

interface HandleOfAnyKind {
  readonly version: string;
  readonly description: string;
  readonly amqpUrl: string;
  readonly managementUrl: string;
  /** Where it counts its open connections without delay; absent when that is not known. */
  readonly metricsUrl?: string;
}

/** A broker as plain JSON. */
export type BrokerHandle =
  | (HandleOfAnyKind & { readonly kind: "url" })
  /** `control`: the socket on which the node's keeper takes commands. */
  | (HandleOfAnyKind & { readonly kind: "node"; readonly control: string })
  /** `container`: its name. */
  | (HandleOfAnyKind & { readonly kind: "container"; readonly engine: EngineAddress; readonly container: string });
