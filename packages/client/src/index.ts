export { connect } from "./connect.ts";
export type {
  Client,
  ClientEvent,
  ClientGap,
  ClientStats,
  EventMap,
  EventsOptions,
  Healing,
  PublishRequest,
  SubscribeOptions,
} from "./client.ts";
export { PublishRefused, WarrenError, type ClientCode, type Refusal } from "./errors.ts";
export type { EventStream } from "./event-stream.ts";
export type { TransportOptions } from "./link.ts";
export { defaults, type ClientOptions } from "./options.ts";
export { localStorageStore, memoryStore, type PositionStore, type WebStorage } from "./position-store.ts";
export type { ConnectionState } from "./session.ts";
export type {
  ClientError,
  ErrorCode,
  EventMeta,
  GapReason,
  Pattern,
  PositionRequest,
  PositionString,
  PublishOptions,
  Topic,
} from "@warren/events";
