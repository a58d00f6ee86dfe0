export {
  LogUnavailable,
  type EventLog,
  type LogRecord,
  type ReadFrom,
  type Reading,
  type ReadOptions,
  type ReadStart,
  type Tail,
  type TailHandlers,
} from "./event-log.ts";
export { recordCheck } from "./record-check.ts";
export { createMemoryEventLog, type MemoryEventLog, type MemoryEventLogOptions } from "./memory-event-log.ts";
export type { MemoryMessage } from "./memory-records.ts";
export { createStreamEventLog, type StreamEventLogOptions } from "./stream-event-log.ts";
