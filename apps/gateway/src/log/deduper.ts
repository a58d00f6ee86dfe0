/** What makes a record the repeat of an earlier one. */
export interface DedupeWindow {
  /** Unit: milliseconds between the two records' own times. */
  readonly windowMs: number;
  /** Unit: offsets between the two records. */
  readonly windowOffsets: number;
}

/**
 * Tells repeats from first occurrences: a record repeats when the latest earlier one with its id lies within both
 * windows. That is decided by the log alone, and by no more of it than `windowOffsets` records: whoever has read that
 * many before a record decides as every other reader does, on any gateway, live or years later.
 */
export class Deduper {
  readonly #window: DedupeWindow;
  readonly #latest = new Map<string, Occurrence>();
  /**
   * Every occurrence within the window, oldest first, from `#head` on. A Map's own order would do, but not for its price:
   * to find its oldest entry it walks over all that were deleted before it.
   */
  #occurrences: Occurrence[] = [];
  #head = 0;

  constructor(window: DedupeWindow) {
    this.#window = window;
  }

  /** Must be asked for every record, in order. A record without an id repeats nothing. */
  repeats({ id, offset, time }: { id: string | undefined; offset: number; time: number | undefined }): boolean {
    if (id === undefined || id === "") return false;
    this.#forget(offset - this.#window.windowOffsets);
    const earlier = this.#latest.get(id);
    const occurrence = { id, offset, time };
    this.#latest.set(id, occurrence);
    this.#occurrences.push(occurrence);
    if (earlier === undefined) return false;
    // Without both times only the distance in the log can tell.
    return earlier.time === undefined || time === undefined || Math.abs(time - earlier.time) <= this.#window.windowMs;
  }

  /** Lets go of all before `offset`. */
  #forget(offset: number): void {
    for (let oldest = this.#occurrences[this.#head]; oldest !== undefined && oldest.offset < offset;) {
      if (this.#latest.get(oldest.id) === oldest) this.#latest.delete(oldest.id);
      oldest = this.#occurrences[++this.#head];
    }
    if (this.#head > 1024 && this.#head * 2 > this.#occurrences.length) {
      this.#occurrences = this.#occurrences.slice(this.#head);
      this.#head = 0;
    }
  }
}

interface Occurrence {
  readonly id: string;
  readonly offset: number;
  readonly time: number | undefined;
}
