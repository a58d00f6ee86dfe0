export { createConnection, type Connection, type ConnectionOptions, type ConnectionState } from "./connection.ts";
export { createPublisher, type Publisher, type PublisherOptions } from "./publisher.ts";
export type { OutgoingMessage } from "./outgoing-message.ts";
export { createConsumer, type Consumer, type ConsumerOptions } from "./consumer.ts";
export type { Delivery, DeliveryProperties } from "./delivery.ts";
export { declareTopology } from "./declare.ts";
export {
  ChannelClosed,
  ConnectionClosed,
  ConnectionLost,
  ConnectionRefused,
  PublishError,
  TopologyError,
  type PublishErrorCode,
  type RefusalCode,
  type TopologyFailure,
} from "./errors.ts";
export type { Logger } from "./logger.ts";
