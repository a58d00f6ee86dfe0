import type { Topology } from "./topology.ts";

/** Direct exchange through which a log gets the marks it writes itself; each log is bound to it by its own name. */
export const MARKS_EXCHANGE = "warren.marks";

/** How much of its past a log keeps. Retention works in whole segments: at least one always stays. */
export interface LogRetention {
  /** RabbitMQ's own spelling: a number and Y, M, D, h, m or s, as in `7D`. @default no limit */
  readonly maxAge?: string;
  /** Unit: bytes. @default no limit */
  readonly maxBytes?: number;
  /** Unit: bytes. @default the broker's: 500,000,000 */
  readonly segmentBytes?: number;
}

export interface EventLogTopologyOptions {
  /** The topic exchange whose events are recorded. */
  readonly exchange: string;
  /** `false`: the exchange is somebody else's and must exist already. @default true */
  readonly declareExchange?: boolean;
  readonly log: LogRetention;
}

/** The name of the stream that records everything published on an exchange. */
export function logName(exchange: string): string {
  return `${exchange}.log`;
}

/** A topic exchange, the stream that records all that is published on it, and the way in for the log's own marks. */
export function eventLogTopology({ exchange, declareExchange = true, log }: EventLogTopologyOptions): Topology {
  const queue = logName(exchange);
  return {
    exchanges: [
      { name: exchange, type: "topic", declare: declareExchange },
      { name: MARKS_EXCHANGE, type: "direct", declare: true },
    ],
    queues: [{ queueType: "stream", name: queue, ...log }],
    bindings: [
      { exchange, queue, pattern: "#" },
      { exchange: MARKS_EXCHANGE, queue, pattern: queue },
    ],
  };
}
