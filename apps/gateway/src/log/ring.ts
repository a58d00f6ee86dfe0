import type { Position } from "@warren/events";
import type { LoggedEvent } from "./logged-event.ts";

/**
 * The recent end of one log in memory: every record after `floor`, silent ones included, bounded by bytes. Offsets are
 * strictly increasing but not dense, so places are found by binary search.
 */
export class Ring {
  readonly #maxBytes: number;
  /** A queue: live entries are `#events[#head…]`; the dead front is cut off when it outgrows the rest. */
  #events: LoggedEvent[] = [];
  #head = 0;
  #bytes = 0;
  #floor: number;
  readonly #lastByTopic = new Map<string, LoggedEvent>();

  /** @param floor every record with a greater offset will be appended */
  constructor(options: { maxBytes: number; floor: number }) {
    this.#maxBytes = options.maxBytes;
    this.#floor = options.floor;
  }

  /** The ring holds every record of the log with a greater offset, up to `last`. */
  get floor(): number {
    return this.#floor;
  }

  get last(): LoggedEvent | undefined {
    return this.#events.at(-1);
  }

  get size(): number {
    return this.#events.length - this.#head;
  }

  /** Unit: bytes. */
  get bytes(): number {
    return this.#bytes;
  }

  append(event: LoggedEvent): void {
    this.#events.push(event);
    this.#bytes += event.bytes;
    if (!event.silent) this.#lastByTopic.set(event.topic, event);
    // The newest event stays whatever its size: the ring's end is where every live client stands.
    while (this.#bytes > this.#maxBytes && this.size > 1) this.#evict();
  }

  #evict(): void {
    const event = this.#events[this.#head]!;
    this.#head++;
    this.#bytes -= event.bytes;
    this.#floor = event.offset;
    if (this.#lastByTopic.get(event.topic) === event) this.#lastByTopic.delete(event.topic);
    if (this.#head > 1024 && this.#head * 2 > this.#events.length) {
      this.#events = this.#events.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Whether all that follows `offset` is here. */
  covers(offset: number): boolean {
    return offset >= this.#floor;
  }

  /** What stands at a proven position: the record itself, another one (`undefined`), or outside of what the ring can say. */
  at(offset: number): LoggedEvent | undefined {
    const event = this.#events[this.#search(offset)];
    return event?.offset === offset ? event : undefined;
  }

  /** Whether the position's record is here, unchanged. */
  proves(position: Position): boolean {
    return position.check !== undefined && this.at(position.offset)?.check === position.check;
  }

  /** Up to `limit` events that follow `offset`, oldest first. */
  after(offset: number, limit: number): readonly LoggedEvent[] {
    const from = this.#search(offset + 1);
    return this.#events.slice(from, from + limit);
  }

  /** The newest event here whose topic matches: asked once when an audience forms, so that its chain of `previous` is true. */
  lastMatching(matches: (topic: string) => boolean): LoggedEvent | undefined {
    let newest: LoggedEvent | undefined;
    for (const event of this.#lastByTopic.values()) {
      if ((newest === undefined || event.offset > newest.offset) && matches(event.topic)) newest = event;
    }
    return newest;
  }

  /** As `lastMatching` for one literal topic, without a scan. */
  lastOf(topic: string): LoggedEvent | undefined {
    return this.#lastByTopic.get(topic);
  }

  /** Index of the first event at or after `offset`. */
  #search(offset: number): number {
    let low = this.#head;
    let high = this.#events.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#events[middle]!.offset < offset) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
