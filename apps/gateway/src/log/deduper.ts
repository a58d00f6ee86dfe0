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
  /** The latest record of each id, oldest first. */
  readonly #latest = new Map<string, { offset: number; time: number | undefined }>();

  constructor(window: DedupeWindow) {
    this.#window = window;
  }

  /** Must be asked for every record, in order. A record without an id repeats nothing. */
  repeats({ id, offset, time }: { id: string | undefined; offset: number; time: number | undefined }): boolean {
    if (id === undefined || id === "") return false;
    const { windowMs, windowOffsets } = this.#window;
    const earlier = this.#latest.get(id);
    // Taken out first, so that the map stays in the order of offsets.
    if (earlier !== undefined) this.#latest.delete(id);
    this.#latest.set(id, { offset, time });
    for (const [oldest, at] of this.#latest) {
      if (at.offset >= offset - windowOffsets) break;
      this.#latest.delete(oldest);
    }
    if (earlier === undefined || earlier.offset < offset - windowOffsets) return false;
    // Without both times only the distance in the log can tell.
    return earlier.time === undefined || time === undefined || Math.abs(time - earlier.time) <= windowMs;
  }
}
