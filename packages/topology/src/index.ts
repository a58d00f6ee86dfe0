export {
  mergeTopologies,
  TopologyConflict,
  type BindingSpec,
  type ExchangeSpec,
  type ExchangeType,
  type Topology,
} from "./topology.ts";
export type { ClassicQueue, LeaderLocator, QueueSpec, QuorumQueue, StreamQueue } from "./queue.ts";
export { queueArguments, type QueueArguments } from "./queue-arguments.ts";
export { compareVersions, OLDEST_BROKER, parseBrokerVersion, type BrokerVersion } from "./broker-version.ts";
export {
  eventLogTopology,
  logName,
  MARKS_EXCHANGE,
  type EventLogTopologyOptions,
  type LogRetention,
} from "./event-log-topology.ts";
