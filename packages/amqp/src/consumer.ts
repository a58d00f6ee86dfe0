import type { Topology } from "@warren/topology";
import type { Connection } from "./connection.ts";
import type { Delivery } from "./delivery.ts";

export interface ConsumerOptions {
  readonly queue: string;
  /** Unit: messages delivered and not yet settled. At least 1: streams refuse to deliver without a bound. */
  readonly prefetch: number;
  /** Asked at every attach, so that a stream resumes where it stands. */
  arguments?(): Record<string, unknown>;
  /** Declared before each attach, so that a queue that was deleted is there again. */
  readonly topology?: Topology;
  /**
   * A burst: all that one read from the socket brought, in order. When it throws, the error is logged, the consumer
   * detaches, and after a backoff attaches again: the broker then delivers again what was not settled.
   */
  onDeliveries(deliveries: readonly Delivery[]): void;
  onAttached?(): void;
  /** Cancelled by the broker, channel or connection lost, queue missing, handler threw. It keeps trying, with backoff. */
  onDetached?(reason: string): void;
}

export interface Consumer {
  readonly attached: boolean;
  /** Resolves when first attached; rejects with `ConnectionClosed` or `ConnectionRefused` if that will never be. */
  readonly ready: Promise<void>;
  /** No delivery is handed over after this was called; what is unsettled goes back to the queue. Never rejects. */
  close(): Promise<void>;
}

export function createConsumer(connection: Connection, options: ConsumerOptions): Consumer {
  throw new Error(`not yet: ${connection.name} ${options.queue}`);
}
