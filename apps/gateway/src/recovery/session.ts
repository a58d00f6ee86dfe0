import {
  compilePatterns,
  formatPosition,
  PROTOCOL_VERSION,
  type Gap,
  type Pattern,
  type PositionString,
  type TopicMatcher,
} from "@warren/events";
import type { ReadFrom } from "@warren/event-log";
import type { Logger } from "@warren/service";
import type { Socket } from "socket.io";
import type { Audience, Listener } from "../fanout/audience.ts";
import { Burst } from "../fanout/burst.ts";
import type { Break, Feed, Follower } from "../fanout/feed.ts";
import type { LoggedEvent } from "../log/logged-event.ts";
import { encodeEvent, namespacePrefix, type EncodedEvent } from "../fanout/packet.ts";
import { SocketWriter } from "../fanout/socket-writer.ts";
import type { StartFrom } from "./position-request.ts";
import { Replay, type ReplaySink } from "./replay.ts";

export interface SessionOptions {
  readonly socket: Socket;
  readonly feed: Feed;
  readonly patterns: readonly Pattern[];
  /** Unit: bytes that may wait for this socket before it leaves the live path. */
  readonly budgetBytes: number;
  /** Unit: records that one replay may read. */
  readonly replayRecords: number;
  /** Called whenever the socket has come to the live end. */
  readonly onLive: () => void;
  readonly logger: Logger;
}

/**
 * One socket's way through the log.
 *
 *   replaying ── nothing left ──▶ live ── more waits for the socket than its budget ──▶ behind ── drained ──▶ replaying
 *
 * replaying  the session reads from its cursor; the socket is in no audience
 * live       the socket is in the audience of its patterns; its cursor is the end of the log
 * behind     nothing is written; the cursor keeps the place
 *
 * Whatever the state, everything up to the cursor that the patterns match was written to the socket or announced as a
 * gap, and nothing after it was. All writes happen in the order of the log.
 */
export class Session implements Listener, Follower {
  readonly #options: SessionOptions;
  readonly #writer: SocketWriter;
  readonly #prefix: string;
  #closed = false;
  #patterns: readonly Pattern[];
  #live = false;
  /** Where a live socket gets its events; none while it has no patterns. */
  #audience: Audience | undefined;
  #cursor: ReadFrom = "first";
  /** Resolves when what waits for the socket has left, or the session is closed. */
  #drained: Promise<void> | undefined;
  #release: (() => void) | undefined;
  /** Position of the event written last, or where the client stood when there was none: the next event's `previous`. */
  #previous: PositionString | undefined;
  /** Changes to the session take turns: each begins when the one before has left the session live. */
  #work: Promise<void> = Promise.resolve();

  constructor(options: SessionOptions) {
    this.#options = options;
    this.#patterns = options.patterns;
    this.#writer = new SocketWriter(options.socket);
    this.#prefix = namespacePrefix(options.socket.nsp.name);
  }

  get patterns(): readonly Pattern[] {
    return this.#patterns;
  }

  /** Says `warren:ready`, then brings the client from its position to the live end. */
  start(from: StartFrom): void {
    const { socket, feed } = this.#options;
    feed.followers.add(this);
    const status = from === "now" ? "live" : "replaying";
    const position = from === "now" ? formatPosition(feed.end) : from === "first" ? "<0" : formatPosition(from);
    socket.emit("warren:ready", { protocol: PROTOCOL_VERSION, status, position, topics: [...this.#patterns] });
    this.#cursor = from === "now" ? feed.end : from;
    if (from !== "now" && from !== "first") this.#previous = position;
    if (from === "now") this.#join();
    else void this.#do(() => this.#catchUp());
  }

  /**
   * Adds patterns; from a position, first replays what only they match up to now. Resolves with the position up to
   * which the client then has everything.
   */
  async subscribe(added: readonly Pattern[], from: StartFrom): Promise<PositionString> {
    await this.#do(async () => {
      const before = compilePatterns(this.#patterns);
      const only = compilePatterns(added);
      this.#leave();
      const until = this.#cursor === "first" ? -1 : this.#cursor.offset;
      if (from !== "now") {
        await this.#replay({ from, until, matches: (topic) => only(topic) && !before(topic), end: () => {} });
      }
      this.#patterns = [...new Set([...this.#patterns, ...added])];
      await this.#catchUp({ quietly: true });
    });
    return formatPosition(this.#options.feed.end);
  }

  async unsubscribe(removed: readonly Pattern[]): Promise<void> {
    await this.#do(async () => {
      this.#leave();
      this.#patterns = this.#patterns.filter((pattern) => !removed.includes(pattern));
      await this.#catchUp({ quietly: true });
    });
  }

  /** See Listener.deliver. */
  deliver(burst: Burst): void {
    this.#previous = burst.last;
    if (this.#writer.pendingBytes + burst.bytes <= this.#options.budgetBytes) {
      this.#writer.write(burst);
      return;
    }
    this.#leave();
    this.#writeAndDrain(burst);
    void this.#do(() => this.#catchUp());
  }

  /** See Listener.quiet. */
  quiet(position: PositionString): void {
    this.#options.socket.emit("warren:position", { position });
  }

  /** See Follower.broken. Who is not live finds out by proving the cursor. */
  broken({ from, to, reason, end }: Break): void {
    if (!this.#live) return;
    this.#options.socket.emit("warren:gap", { from, to, reason });
    this.#cursor = end;
    this.#previous = to;
  }

  close(): void {
    this.#closed = true;
    this.#release?.();
    this.#leave();
    this.#options.feed.followers.delete(this);
  }

  /** Replays from the cursor and goes live in the turn in which nothing is left. */
  #catchUp(options: { quietly?: boolean } = {}): Promise<void> {
    let wrote = false;
    return this.#replay({
      from: this.#cursor,
      matches: compilePatterns(this.#patterns),
      wrote: () => (wrote = true),
      end: () => {
        this.#join();
        if (options.quietly === true && !wrote) return;
        this.#options.socket.emit("warren:caught-up", { position: formatPosition(this.#options.feed.end) });
      },
    });
  }

  /** Writes what `matches` after `from`, up to the end of the log or `until`, then calls `end`. */
  async #replay(plan: {
    from: ReadFrom;
    until?: number;
    matches: TopicMatcher;
    wrote?: () => void;
    end: () => void;
  }): Promise<void> {
    const { socket, feed, replayRecords } = this.#options;
    const isClosed = () => this.#closed;
    const sink: ReplaySink = {
      get closed() {
        return isClosed();
      },
      take: (events) => {
        const mine = events.filter((event) => !event.silent && plan.matches(event.topic));
        if (mine.length === 0) return Promise.resolve();
        plan.wrote?.();
        return this.#writeReplayed(mine);
      },
      gap: (gap: Gap) => {
        socket.emit("warren:gap", gap);
        this.#previous = gap.to;
      },
      end: plan.end,
    };
    const { from, until } = plan;
    const options = { feed, sink, from, maxRecords: replayRecords };
    await this.#drained;
    await new Replay(until === undefined ? options : { ...options, until }).run();
  }

  /** Writes events in portions of half the socket's budget; resolves when the last of them was written. */
  async #writeReplayed(events: readonly LoggedEvent[]): Promise<void> {
    const portion = this.#options.budgetBytes / 2;
    let batch: EncodedEvent[] = [];
    let bytes = 0;
    for (const event of events) {
      const encoded = encodeEvent(event, this.#prefix, { previous: this.#previous, replayed: true });
      this.#previous = event.position;
      batch.push(encoded);
      bytes += encoded.bytes;
      if (bytes < portion) continue;
      this.#writeAndDrain(new Burst(batch, bytes, event.position));
      await this.#drained;
      if (this.#closed) return;
      batch = [];
      bytes = 0;
    }
    if (batch.length === 0) return;
    const burst = new Burst(batch, bytes, events.at(-1)!.position);
    if (this.#writer.pendingBytes + bytes <= portion) return this.#writer.write(burst);
    this.#writeAndDrain(burst);
    await this.#drained;
  }

  /** Writes, and makes `#drained` wait until the network has taken it. */
  #writeAndDrain(burst: Burst): void {
    const drained = Promise.withResolvers<void>();
    this.#drained = drained.promise;
    this.#release = drained.resolve;
    this.#writer.write(burst, drained.resolve);
  }

  #join(): void {
    this.#live = true;
    this.#options.onLive();
    if (this.#patterns.length === 0) return;
    const { feed, socket } = this.#options;
    this.#audience = feed.audiences.join(this, socket.nsp.name, this.#patterns, feed.ring);
  }

  /** Takes the socket off the live path: its cursor is then the end of the log. */
  #leave(): void {
    if (!this.#live) return;
    this.#live = false;
    const { feed } = this.#options;
    this.#cursor = feed.end;
    if (this.#audience !== undefined) feed.audiences.leave(this, this.#audience);
    this.#audience = undefined;
  }

  /** Runs a step when those before it are done. A step that fails costs the client its connection, never its place. */
  #do(step: () => Promise<void>): Promise<void> {
    const done = this.#work.then(() => (this.#closed ? undefined : step()));
    this.#work = done.catch((error: unknown) => {
      this.#options.logger.error(
        { err: error, socket: this.#options.socket.id },
        "a replay failed; its client is cut off, to come back from its position",
      );
      // Not `disconnect`: a plain Socket.IO client would take that as final and never come back.
      this.#options.socket.conn.close();
    });
    return done;
  }
}
