import type { QueueSpec } from "./queue.ts";

/** Exchanges, queues and bindings as data. Applied in this order; applying it twice changes nothing. */
export interface Topology {
  readonly exchanges: readonly ExchangeSpec[];
  readonly queues: readonly QueueSpec[];
  readonly bindings: readonly BindingSpec[];
}

export type ExchangeType = "topic" | "direct" | "fanout" | "headers";

export interface ExchangeSpec {
  readonly name: string;
  readonly type: ExchangeType;
  /** Warren declares nothing that a broker's restart forgets. @default true */
  readonly durable?: true;
  /** `false`: somebody else's; it must exist already and is only looked for. @default true */
  readonly declare?: boolean;
  /** Takes what no binding of this exchange matches. */
  readonly alternateExchange?: string;
}

/** One AMQP binding: what is published on `exchange` and matches `pattern` reaches `queue`. */
export interface BindingSpec {
  readonly exchange: string;
  readonly queue: string;
  /** AMQP binding key: a topic pattern on a topic exchange, the exact key on a direct one. */
  readonly pattern: string;
}

/** The union, in order, each exchange, queue and binding once. Throws `TopologyConflict` where two specs of one name differ. */
export function mergeTopologies(...topologies: readonly Topology[]): Topology {
  return {
    exchanges: unique(
      "exchange",
      topologies.flatMap((topology) => topology.exchanges),
      (exchange) => exchange.name,
    ),
    queues: unique(
      "queue",
      topologies.flatMap((topology) => topology.queues),
      (queue) => queue.name,
    ),
    bindings: unique(
      "binding",
      topologies.flatMap((topology) => topology.bindings),
      (binding) => JSON.stringify([binding.exchange, binding.queue, binding.pattern]),
    ),
  };
}

/** Two parts of one topology describe the same thing differently. */
export class TopologyConflict extends Error {
  override readonly name = "TopologyConflict";
  readonly code = "TOPOLOGY_CONFLICT";
}

function unique<Spec extends object>(kind: string, specs: readonly Spec[], key: (spec: Spec) => string): Spec[] {
  const byKey = new Map<string, Spec>();
  for (const spec of specs) {
    const other = byKey.get(key(spec));
    if (other === undefined) byKey.set(key(spec), spec);
    else if (canonical(other) !== canonical(spec)) {
      throw new TopologyConflict(
        `${kind} "${key(spec)}" is described twice: ${canonical(other)} and ${canonical(spec)}`,
      );
    }
  }
  return [...byKey.values()];
}

/** One spelling whatever the order of the keys; an option left out and one given as undefined are the same. */
function canonical(spec: object): string {
  const entries = Object.entries(spec).filter(([, value]) => value !== undefined);
  return JSON.stringify(Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1))));
}
