export { compilePatterns, covers, matches, patternsKey, type TopicMatcher } from "./pattern.ts";
export { MAX_TOPIC_BYTES, patternFault, topicFault, topicWord, utf8Length, type Pattern, type Topic } from "./topic.ts";
export {
  after,
  before,
  BEGINNING,
  comparePositions,
  formatPosition,
  parsePosition,
  type Position,
  type PositionString,
} from "./position.ts";
export { clientError, CodedError, ERRORS, type ClientError, type ErrorCode } from "./errors.ts";
export {
  isReservedEvent,
  PROTOCOL_VERSION,
  type ControlFromClient,
  type ControlFromGateway,
  type EventMeta,
  type Gap,
  type GapReason,
  type HandshakeAuth,
  type HistoryAck,
  type HistoryPage,
  type PositionRequest,
  type PublishAck,
  type PublishOptions,
  type Ready,
  type SubscribeAck,
  type UnsubscribeAck,
} from "./protocol.ts";
