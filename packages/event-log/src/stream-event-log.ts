import { declareTopology, type Connection, type Logger, type Publisher } from "@warren/amqp";
import { eventLogTopology, logName, type LogRetention } from "@warren/topology";
import { LogUnavailable, type EventLog } from "./event-log.ts";
import { StreamBounds } from "./stream-bounds.ts";
import { StreamReading } from "./stream-reading.ts";
import { StreamTail } from "./stream-tail.ts";
import { StreamWindow, type StreamOffset } from "./stream-window.ts";

export interface StreamEventLogOptions {
  /** Carries the tail and every reading, each on a channel of its own. */
  readonly consumeConnection: Connection;
  /** Sends the marks. */
  readonly publisher: Publisher;
  /** The exchange whose events the log records; the stream is `<exchange>.log`. */
  readonly exchange: string;
  /** What the log keeps, where this process is the one that makes it. */
  readonly log: LogRetention;
  /** `false`: the exchange is somebody else's and must exist already. @default true */
  readonly declareExchange?: boolean;
  /** @default silent */
  readonly logger?: Logger;
  /** What one reading holds at most. Unit: records. @default 256 */
  readonly readPrefetch?: number;
  /** What the tail may be behind in settling. Unit: records. @default 1_000 */
  readonly tailPrefetch?: number;
  /** How long the log may take for an answer before it counts as unavailable. Unit: milliseconds. @default 10_000 */
  readonly timeoutMs?: number;
  /** How long a reading waits for a record before it looks up where the log ends. Unit: milliseconds. @default 1_000 */
  readonly stallMs?: number;
  /** How long a tail waits for the record it goes on from before it looks up where the log ends. Unit: milliseconds. @default 250 */
  readonly proofMs?: number;
}

const silent: Logger = { debug() {}, info() {}, warn() {}, error() {} };

const defaults = {
  declareExchange: true,
  logger: silent,
  readPrefetch: 256,
  tailPrefetch: 1_000,
  timeoutMs: 10_000,
  stallMs: 1_000,
  proofMs: 250,
} satisfies Partial<StreamEventLogOptions>;

/** The RabbitMQ stream behind an exchange. Declares it where it does not exist, with the exchange and its bindings. */
export function createStreamEventLog(options: StreamEventLogOptions): EventLog {
  const { consumeConnection: connection, publisher, exchange, log, ...rest } = options;
  const { declareExchange, logger, readPrefetch, tailPrefetch, timeoutMs, stallMs, proofMs } = { ...defaults, ...rest };
  const queue = logName(exchange);
  const topology = eventLogTopology({ exchange, declareExchange, log });
  const windows = new Set<StreamWindow>();
  const tails = new Set<StreamTail>();
  let closed = false;

  const open = (offset: StreamOffset, prefetch: number): StreamWindow => {
    const window = new StreamWindow({ connection, queue, offset, prefetch });
    windows.add(window);
    window.onEnd(() => windows.delete(window));
    if (closed) window.fail("it is closed");
    return window;
  };
  const ends = new StreamBounds({
    queue,
    publisher,
    timeoutMs,
    open,
    declare: () => declareTopology(connection, topology),
  });
  const first = (): ReturnType<typeof ends.first> => ends.first();
  const bounds = (): ReturnType<typeof ends.bounds> => ends.bounds();

  return {
    name: queue,
    read: (readOptions) =>
      new StreamReading({
        queue,
        options: readOptions,
        stallMs,
        timeoutMs,
        open: (offset) => open(offset, readPrefetch),
        first,
        bounds,
      }),
    tail(from, handlers) {
      if (closed) throw new LogUnavailable(`log "${queue}" cannot be read: it is closed`);
      const tail: StreamTail = new StreamTail({
        connection,
        queue,
        topology,
        from,
        handlers,
        logger,
        prefetch: tailPrefetch,
        proofMs,
        first,
        bounds,
        ended: () => tails.delete(tail),
      });
      tails.add(tail);
      return tail;
    },
    bounds,
    async close() {
      closed = true;
      const consumers = [...windows].map((window) => {
        window.fail("it is closed");
        return window.close();
      });
      await Promise.all([...consumers, ...[...tails].map((tail) => tail.close())]);
    },
  };
}
