import type { Position } from "@warren/events";

/** One message as the log holds it. */
export interface LogRecord {
  /** Strictly increasing within one log, not dense. */
  readonly offset: number;
  /** 8 hex digits that identify the record's content: see `recordCheck`. */
  readonly check: string;
  /** AMQP routing key. */
  readonly topic: string;
  readonly body: Buffer;
  readonly id: string | undefined;
  /** AMQP type. */
  readonly type: string | undefined;
  readonly contentType: string | undefined;
  readonly contentEncoding: string | undefined;
  /** Unit: milliseconds since the epoch. */
  readonly time: number | undefined;
  /** AMQP headers without the broker's own `x-stream-offset`. */
  readonly headers: Readonly<Record<string, unknown>>;
  /** A record that the log itself wrote (see `bounds`): it takes part in positions and is for nobody. */
  readonly mark: boolean;
}

/** What was found where a reading was to begin. */
export type ReadStart =
  /** The record the position names stands there, or the position had nothing to prove and nothing is missing. */
  | { readonly found: "exact" }
  /**
   * Records between `from` and `to` are gone, or the log is another one. The reading goes on from `to`.
   * `retention`: older than the log keeps. `reset`: another record stands at that offset, or the log ends before it.
   */
  | { readonly found: "gap"; readonly reason: "retention" | "reset"; readonly from: Position; readonly to: Position };

export type ReadFrom = Position | "first";

export interface ReadOptions {
  /** `"first"`: the oldest record the log still has; never a gap. */
  readonly from: ReadFrom;
  /** Inclusive offset of the last record wanted. Must be one that `bounds` or a tail has shown to exist. */
  readonly to: number;
  /** Ends the reading; the iteration then finishes without an error. */
  readonly signal?: AbortSignal;
}

/**
 * A bounded stretch of the log, in order, each record once, in batches as the log yields them. What is not consumed is
 * not read: at most one prefetch window is in memory. Iterable once. Throws `LogUnavailable` when the log cannot be
 * had, was deleted under the reading, or lost records that were still to be read: begin again from the last record
 * received, and what became of it is told. A reading holds its window until it is iterated to its end, broken off or
 * aborted.
 */
export interface Reading extends AsyncIterable<readonly LogRecord[]> {
  /** Settles before the first batch is yielded; rejects as the iteration would, and also when aborted before it is known. */
  readonly start: Promise<ReadStart>;
}

export interface TailHandlers {
  /** A burst: what one read from the broker brought, in order, each record once for the life of the tail. Must not throw. */
  records(records: readonly LogRecord[]): void;
  /** The log no longer holds what the tail would go on from; called before any later record. `to` is where it goes on. */
  gap(gap: Extract<ReadStart, { found: "gap" }>): void;
  /** Whether the tail is attached to the log right now: false from the moment it is lost until it is attached again. */
  attached(attached: boolean, reason?: string): void;
}

/** The live end of a log, for as long as the process lives: it comes back by itself, and proves where it goes on. */
export interface Tail {
  /** Resolves when the tail is first attached. */
  readonly ready: Promise<void>;
  close(): Promise<void>;
}

/**
 * The record of everything published on one exchange. There is no `append`: the broker writes the log, by a binding,
 * so whoever publishes to the exchange is logged.
 */
export interface EventLog {
  /** The name of the stream. */
  readonly name: string;
  /** Reads a stretch of the log, verifying the position it begins from. */
  read(options: ReadOptions): Reading;
  /**
   * Follows the log from a position, verified at the start and again after every lost connection. Throws
   * `LogUnavailable` when the log was closed.
   */
  tail(from: ReadFrom, handlers: TailHandlers): Tail;
  /**
   * The oldest and the newest record. RabbitMQ cannot say where a stream ends, so this writes a mark, a record for
   * nobody, and waits to read it: `last` is that mark, and all that was confirmed before the call stands before it.
   * Calls share a mark that is not
   * sent yet. Throws `LogUnavailable`.
   */
  bounds(): Promise<{ readonly first: LogRecord; readonly last: LogRecord }>;
  /** Ends every reading and tail. */
  close(): Promise<void>;
}

/** The log cannot be read just now; trying again may help. */
export class LogUnavailable extends Error {
  override readonly name = "LogUnavailable";
}
