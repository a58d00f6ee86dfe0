import { after, before, BEGINNING, type Position } from "@warren/events";
import { LogUnavailable, type LogRecord, type ReadFrom, type Tail, type TailHandlers } from "./event-log.ts";
import { markAt } from "./memory-reading.ts";
import type { MemoryRecords } from "./memory-records.ts";
import { judge, stands } from "./position-proof.ts";

interface MemoryTailParts {
  readonly records: MemoryRecords;
  readonly from: ReadFrom;
  readonly handlers: TailHandlers;
  appendMark(): LogRecord;
  /** Called once, when the tail is closed. */
  ended(): void;
}

/**
 * See EventLog.tail. What is appended in one synchronous turn arrives as one burst, in a microtask.
 *
 *   detached   attach(): verifies where it goes on, in a microtask            -> following
 *   following  wake(): delivers what is new, in a microtask; lose()           -> detached
 *   closed     nothing is called any more
 */
export class MemoryTail implements Tail {
  readonly ready: Promise<void>;

  readonly #parts: MemoryTailParts;
  readonly #ready = Promise.withResolvers<void>();
  #state: "detached" | "following" | "closed" = "detached";
  #attaching = false;
  #scheduled = false;
  #from: ReadFrom;
  // While following: the next record wanted is at or after this offset.
  #cursor = 0;

  constructor(parts: MemoryTailParts) {
    this.#parts = parts;
    this.#from = parts.from;
    this.ready = this.#ready.promise;
    this.ready.catch(() => undefined);
  }

  attach(): void {
    if (this.#state !== "detached" || this.#attaching) return;
    this.#attaching = true;
    queueMicrotask(() => {
      if (this.#state !== "detached" || !this.#attaching) return;
      this.#attaching = false;
      this.#state = "following";
      this.#ready.resolve();
      this.#parts.handlers.attached(true);
      this.#verify();
      this.#deliver();
    });
  }

  lose(reason: string): void {
    const attached = this.#state === "following";
    this.#attaching = false;
    if (!attached) return;
    this.#state = "detached";
    this.#parts.handlers.attached(false, reason);
  }

  wake(): void {
    if (this.#state !== "following" || this.#scheduled) return;
    this.#scheduled = true;
    queueMicrotask(() => {
      this.#scheduled = false;
      this.#deliver();
    });
  }

  async close(): Promise<void> {
    if (this.#state === "closed") return;
    this.#state = "closed";
    this.#ready.reject(new LogUnavailable("the tail was closed before it was attached"));
    this.#parts.ended();
  }

  #verify(): void {
    const { records, handlers } = this.#parts;
    const from = this.#from;
    if (from === "first" || (from.offset === 0 && from.check === undefined && records.first === undefined)) {
      this.#cursor = records.first?.offset ?? records.truncated + 1;
      return;
    }
    const landed = records.at(from.offset) ?? markAt(from.offset, this.#parts);
    if (landed !== undefined && stands(from, landed)) {
      this.#cursor = from.before ? landed.offset : landed.offset + 1;
      return;
    }
    const start = judge(from, landed, records.first!);
    this.#cursor = start.found === "gap" ? start.to.offset : landed!.offset;
    if (start.found === "gap") {
      this.#from = start.to;
      handlers.gap(start);
    }
  }

  #deliver(): void {
    const { records, handlers } = this.#parts;
    if (this.#state !== "following") return;
    if (records.truncated >= this.#cursor) {
      const first = records.first;
      const to = first === undefined ? before(records.truncated + 1) : before(first.offset, first.check);
      const gap = { found: "gap", reason: "retention", from: this.#position(), to } as const;
      this.#from = to;
      this.#cursor = to.offset;
      handlers.gap(gap);
    }
    const burst = records.slice(this.#cursor, Number.POSITIVE_INFINITY);
    const last = burst.at(-1);
    if (last === undefined) return;
    this.#cursor = last.offset + 1;
    this.#from = after(last.offset, last.check);
    handlers.records(burst);
  }

  #position(): Position {
    return this.#from === "first" ? BEGINNING : this.#from;
  }
}
