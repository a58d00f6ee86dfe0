import type { EventMeta, PositionString } from "@warren/events";

import type { Backfill } from "./backfill.ts";
import type { ClientEvent, ClientGap, Healing } from "./client.ts";
import { Cursor } from "./cursor.ts";
import { WarrenError, type Refusal } from "./errors.ts";
import { EventStream } from "./event-stream.ts";
import { Listeners } from "./listeners.ts";
import type { PositionKeeper } from "./position-keeper.ts";
import type { Session } from "./session.ts";
import { isMeta, readPosition, type WireGap } from "./wire.ts";

interface ReceptionOptions {
  readonly keeper: PositionKeeper;
  readonly session: Session;
  readonly healAttempts: number;
  readonly report: (error: WarrenError) => void;
}

/**
 * What happens to an event that arrives: judged by its position, handed to listeners and loops, and only then held.
 *
 *   event ── repeat ──▶ dropped, counted
 *         ── loss ────▶ not delivered; the session starts again from what is held, which brings it in its order
 *         ── next ────▶ a loop's buffer full? ── yes ──▶ not delivered; the session pauses until the loops have drained
 *                                              ── no ───▶ listeners ─▶ loops ─▶ held ─▶ kept, once no loop is behind
 */
export class Reception {
  readonly #options: ReceptionOptions;
  readonly #cursor = new Cursor();
  readonly #streams = new Set<EventStream<ClientEvent>>();
  readonly #onType = new Map<string, Listeners<[data: unknown, meta: EventMeta]>>();
  readonly onAny: Listeners<[type: string, data: unknown, meta: EventMeta]>;
  readonly onGap: Listeners<[ClientGap]>;
  readonly onHealing: Listeners<[Healing]>;
  readonly counts = { received: 0, repeats: 0, healings: 0, gaps: 0 };
  /** The subscription whose past is arriving. */
  backfill: Backfill | undefined;
  #healAttempt = 0;
  #sequence = 0;

  constructor(options: ReceptionOptions) {
    this.#options = options;
    this.onAny = new Listeners(options.report);
    this.onGap = new Listeners(options.report);
    this.onHealing = new Listeners(options.report);
  }

  /** Where the next connection goes on: all that arrived, whether or not the loops are done with it. */
  get held(): PositionString | undefined {
    return this.#cursor.held;
  }

  get live(): boolean {
    return this.#options.session.state === "live";
  }

  on(type: string, listener: (data: unknown, meta: EventMeta) => unknown): () => void {
    const listeners = this.#onType.get(type) ?? new Listeners(this.#options.report);
    this.#onType.set(type, listeners);
    const remove = listeners.add(listener);
    return () => {
      remove();
      if (listeners.size === 0 && this.#onType.get(type) === listeners) this.#onType.delete(type);
    };
  }

  /** A new loop over every event from now on. */
  stream(buffer: number, signal: AbortSignal | undefined): EventStream<ClientEvent> {
    const abort = () => stream.end();
    const stream = new EventStream<ClientEvent>(buffer, {
      advanced: () => {
        this.#keep();
        this.#unpause();
      },
      left: () => {
        signal?.removeEventListener("abort", abort);
        this.#streams.delete(stream);
        this.#unpause();
      },
    });
    this.#streams.add(stream);
    signal?.addEventListener("abort", abort);
    if (signal?.aborted === true) stream.end();
    return stream;
  }

  /** Ends every loop: with an error, once it has had what waits for it, or at once without one. */
  end(refusal?: Refusal): void {
    for (const stream of this.#streams) stream.end(refusal === undefined ? undefined : new WarrenError(refusal));
  }

  event(type: string, data: unknown, meta: unknown): void {
    if (!isMeta(meta)) {
      const message = `"${type}" came without a position, so it is no event of a gateway's.`;
      this.#options.report(new WarrenError({ code: "PROTOCOL_VIOLATION", message, retryable: false }));
      return;
    }
    const backfill = meta.replayed === true ? this.backfill : undefined;
    const verdict = backfill === undefined ? this.#cursor.judge(meta) : backfill.judge(meta.position);
    if (verdict === "repeat") {
      this.counts.repeats++;
      return;
    }
    if (verdict === "loss" && this.#heal(meta)) return;
    for (const stream of this.#streams) {
      if (!stream.full) continue;
      this.#options.session.stop("paused");
      return;
    }
    this.#deliver(type, data, meta);
    if (backfill === undefined) {
      this.#healAttempt = 0;
      this.#cursor.advance(meta.position);
    } else {
      backfill.reach(meta.position);
    }
    this.#keep();
  }

  gap(gap: WireGap): void {
    this.#announce(gap);
    if (this.backfill !== undefined && gap.from !== this.held) this.backfill.reach(gap.to);
    else if (gap.reason === "reset") this.#cursor.reset(gap.to);
    else this.#cursor.advance(gap.to);
    this.#keep();
  }

  /** A connection has begun, with all the patterns there are. */
  begin(position: PositionString): void {
    this.#cursor.excuse(undefined);
    this.advance(position);
  }

  /** The gateway says that everything up to here is had. */
  advance(position: PositionString): void {
    this.#cursor.advance(position);
    this.#keep();
  }

  /** The ack of an added subscription. */
  subscribed(answer: unknown): void {
    this.backfill = undefined;
    const position = readPosition(answer);
    if (position === undefined) return;
    // During a replay, events before that position may still be on their way.
    if (this.live) this.advance(position);
    else this.#cursor.excuse(position);
  }

  #deliver(type: string, data: unknown, meta: EventMeta): void {
    this.counts.received++;
    const entry = { sequence: this.#sequence++, before: this.held, event: { type, data, meta } };
    this.#onType.get(type)?.tell(data, meta);
    this.onAny.tell(type, data, meta);
    for (const stream of this.#streams) stream.push(entry);
  }

  /** Resumes from what is held. False when that was tried often enough: the loss is then announced, and passed over. */
  #heal({ previous: to }: EventMeta): boolean {
    const from = this.held;
    if (from === undefined || to === undefined) return false;
    if (this.#healAttempt < this.#options.healAttempts) {
      this.counts.healings++;
      const attempt = ++this.#healAttempt;
      this.#options.session.restart();
      this.onHealing.tell({ from, to, attempt });
      return true;
    }
    const message = `Events from ${from} to ${to} are missing, and resuming ${this.#healAttempt} times did not bring them.`;
    this.#options.report(new WarrenError({ code: "LIVE_LOSS", message, retryable: false }));
    this.#announce({ from, to, reason: "unhealed" });
    this.#cursor.advance(to);
    return false;
  }

  #announce(gap: ClientGap): void {
    this.counts.gaps++;
    this.onGap.tell(gap);
  }

  /** Keeps what has been applied: what is held, or less while a loop is not done with an event. */
  #keep(): void {
    let position = this.held;
    let first = Number.POSITIVE_INFINITY;
    for (const { oldest } of this.#streams) {
      if (oldest === undefined || oldest.sequence >= first) continue;
      first = oldest.sequence;
      position = oldest.before;
    }
    this.#options.keeper.keep(position);
  }

  #unpause(): void {
    if (this.#options.session.state !== "paused") return;
    for (const stream of this.#streams) if (!stream.empty) return;
    this.#options.session.resume();
  }
}
