import { setTimeout as delay } from "node:timers/promises";
import { before, BEGINNING, formatPosition, type GapReason, type Position, type PositionString } from "@warren/events";
import type { EventLog, LogRecord, ReadStart, Tail } from "@warren/event-log";
import type { Logger } from "@warren/service";
import { Deduper, type DedupeWindow } from "../log/deduper.ts";
import { Past, type Decided } from "../log/past.ts";
import { Audiences } from "./audiences.ts";
import type { Audience } from "./audience.ts";
import { LoggedEvent } from "../log/logged-event.ts";
import { Ring } from "../log/ring.ts";

/** How often clients are told of a log that moved on without them. */
const QUIET_MS = 10_000;
const RETRY_MS = 250;
/** Records of this size and the flat rate each is counted with fill a ring exactly; smaller ones leave it partly empty. */
const ASSUMED_RECORD_BYTES = 1024;

/** Repeats whose offsets are remembered; past it, what is older must be decided anew by whoever reads it. */
const REMEMBERED_REPEATS = 100_000;

/** What a break in the log means for everyone who stands in it. */
export interface Break {
  readonly reason: GapReason;
  readonly from: PositionString;
  readonly to: PositionString;
  /** `to`: where everyone who was live stands now. */
  readonly end: Position;
}

/** Somebody who must know when the log breaks under them. */
export interface Follower {
  broken(gap: Break): void;
}

/**
 * One log as one gateway follows it: one tail, however many clients; the ring it fills; the audiences it feeds. All of
 * this happens in one synchronous turn per burst, so whoever looks in between sees ring, audiences and end agree.
 */
export class Feed implements Decided {
  readonly audiences = new Audiences();
  readonly followers = new Set<Follower>();
  /** Reads the past, on a connection of its own, so that a replay never delays the tail. */
  readonly past: Past;
  readonly #live: EventLog;
  readonly #logger: Logger;
  readonly #onAttached: (attached: boolean, detail?: string) => void;
  readonly #ringBytes: number;
  readonly #window: DedupeWindow;
  #deduper: Deduper;
  #repeats = new Set<number>();
  #decidedFrom = Number.POSITIVE_INFINITY;
  #ring: Ring;
  /** The end of a log of which the ring holds nothing. */
  #anchor: Position = BEGINNING;
  #tail: Tail | undefined;
  #quietTimer: NodeJS.Timeout | undefined;
  /** Resolved each time the log moves on. */
  #moved: { promise: Promise<void>; resolve: () => void } = Promise.withResolvers();

  constructor(options: {
    /** The log, on the connection of the tails. */
    live: EventLog;
    /** The same log, on the connection of the replays. */
    past: EventLog;
    ringBytes: number;
    /** Unit: readings of the past that may be under way at once. */
    readers: number;
    /** Unit: bytes of the past that are kept for clients that ask for the same. */
    pastBytes: number;
    dedupe: DedupeWindow;
    logger: Logger;
    onAttached: (attached: boolean, detail?: string) => void;
  }) {
    this.#live = options.live;
    this.#window = options.dedupe;
    this.#deduper = new Deduper(options.dedupe);
    const { past: log, readers, pastBytes: maxBytes, dedupe: window } = options;
    this.past = new Past({ log, readers, maxBytes, window, decided: this });
    this.#ringBytes = options.ringBytes;
    this.#logger = options.logger;
    this.#onAttached = options.onAttached;
    this.#ring = new Ring({ maxBytes: options.ringBytes, floor: -1 });
  }

  get name(): string {
    return this.#live.name;
  }

  get ring(): Ring {
    return this.#ring;
  }

  get decidedFrom(): number {
    return this.#decidedFrom;
  }

  isRepeat(offset: number): boolean {
    return this.#repeats.has(offset);
  }

  /** Where the log ends, as far as this gateway has seen. */
  get end(): Position {
    return this.#ring.last?.place ?? this.#anchor;
  }

  /** Fills the ring from the end of the log and follows the log from there. Resolves when the ring has caught up. */
  async start(signal: AbortSignal): Promise<void> {
    const { first, last } = await this.#bounds(signal);
    const wanted = last.offset - Math.ceil(this.#ringBytes / ASSUMED_RECORD_BYTES) - this.#window.windowOffsets;
    const from = wanted <= first.offset ? "first" : before(wanted);
    // What comes within a window of where the tail begins may repeat something that stands before.
    this.#decidedFrom = from === "first" ? 0 : wanted + this.#window.windowOffsets;
    this.#ring = new Ring({ maxBytes: this.#ringBytes, floor: from === "first" ? first.offset - 1 : wanted - 1 });
    this.#tail = this.#live.tail(from, {
      records: (records) => this.#take(records),
      gap: (gap) => this.#break(gap),
      attached: (attached, reason) => {
        if (attached) this.#logger.info({ log: this.name }, "tail attached");
        else this.#logger.warn({ log: this.name, reason }, "tail lost; it will come back by itself");
        this.#onAttached(attached, reason);
      },
    });
    await this.#tail.ready;
    while ((this.#ring.last?.offset ?? -1) < last.offset) {
      signal.throwIfAborted();
      await this.moved();
    }
    this.#quietTimer = setInterval(() => this.#tellQuiet(), QUIET_MS);
  }

  async #bounds(signal: AbortSignal): Promise<Awaited<ReturnType<EventLog["bounds"]>>> {
    for (;;) {
      signal.throwIfAborted();
      try {
        return await this.#live.bounds();
      } catch (error) {
        this.#logger.warn({ log: this.name, err: error }, "the log cannot be read yet");
        await delay(RETRY_MS, undefined, { signal });
      }
    }
  }

  /** Resolves when the log has moved on, or broken, from where it is now. */
  moved(): Promise<void> {
    return this.#moved.promise;
  }

  #take(records: readonly LogRecord[]): void {
    const touched = new Set<Audience>();
    for (const record of records) {
      const event = new LoggedEvent(record, this.#repeatsEarlier(record));
      this.#ring.append(event);
      if (event.silent) continue;
      for (const audience of this.audiences.of(event)) {
        audience.add(event);
        touched.add(audience);
      }
    }
    for (const audience of touched) audience.flush();
    this.#announce();
  }

  #repeatsEarlier(record: LogRecord): boolean {
    if (!this.#deduper.repeats(record)) return false;
    this.#repeats.add(record.offset);
    if (this.#repeats.size > REMEMBERED_REPEATS) {
      const repeats = [...this.#repeats];
      const kept = repeats.splice(REMEMBERED_REPEATS / 2);
      this.#repeats = new Set(kept);
      this.#decidedFrom = repeats.at(-1)! + 1;
    }
    return true;
  }

  /** The log lost records that everyone here still needed, or is another log: the ring begins anew where it goes on. */
  #break(gap: Extract<ReadStart, { found: "gap" }>): void {
    const floor = gap.to.before ? gap.to.offset - 1 : gap.to.offset;
    this.#logger.error(
      { log: this.name, reason: gap.reason, from: gap.from, to: gap.to },
      "the log broke under the tail",
    );
    this.#ring = new Ring({ maxBytes: this.#ringBytes, floor });
    this.#anchor = gap.to;
    this.past.forget();
    if (gap.reason === "reset") {
      this.#deduper = new Deduper(this.#window);
      this.#repeats.clear();
      this.#decidedFrom = 0;
    }
    for (const audience of this.audiences) audience.restart(floor);
    const announced = { reason: gap.reason, from: formatPosition(gap.from), to: formatPosition(gap.to), end: gap.to };
    for (const follower of this.followers) follower.broken(announced);
    this.#announce();
  }

  #announce(): void {
    const { resolve } = this.#moved;
    this.#moved = Promise.withResolvers();
    resolve();
  }

  #tellQuiet(): void {
    const end = this.#ring.last;
    if (end === undefined) return;
    for (const audience of this.audiences) audience.tellQuiet(end);
  }

  async close(): Promise<void> {
    clearInterval(this.#quietTimer);
    this.#announce();
    await this.#tail?.close();
  }
}
