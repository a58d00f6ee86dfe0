export { acquireBroker, type AcquireOptions } from "./acquire.ts";
export { attachBroker } from "./attach.ts";
export type { Broker, BrokerFaults, BrokerHandle, BrokerKind } from "./broker.ts";
export type { ConnectionInfo } from "./connections.ts";
export type { EngineAddress } from "./container/engine.ts";
export { BrokerError, FaultUnavailable, type BrokerErrorCode } from "./errors.ts";
export type {
  BindingInfo,
  ExchangeInfo,
  MessageProperties,
  QueueInfo,
  TakenMessage,
  UserPermissions,
  Vhost,
} from "./vhost.ts";
