/** First in, first out, with a way back to the front for what was sent and not confirmed. */
export class WaitingLine<Entry> {
  #entries: Entry[] = [];
  #head = 0;

  get size(): number {
    return this.#entries.length - this.#head;
  }

  get first(): Entry | undefined {
    return this.#entries[this.#head];
  }

  add(entry: Entry): void {
    this.#entries.push(entry);
  }

  removeFirst(): void {
    this.#head++;
    if (this.#head === this.#entries.length) {
      this.#entries = [];
      this.#head = 0;
    } else if (this.#head > COMPACT_AFTER) {
      this.#entries = this.#entries.slice(this.#head);
      this.#head = 0;
    }
  }

  /** Before everything that waits, in the order given. */
  putBack(entries: readonly Entry[]): void {
    this.#entries = [...entries, ...this.#entries.slice(this.#head)];
    this.#head = 0;
  }

  /** Keeps only what passes. */
  keep(passes: (entry: Entry) => boolean): void {
    this.#entries = this.#entries.slice(this.#head).filter(passes);
    this.#head = 0;
  }

  /** The first entries, at most `count`, in order. */
  peek(count: number): Entry[] {
    return this.#entries.slice(this.#head, this.#head + count);
  }

  *[Symbol.iterator](): Generator<Entry> {
    for (let at = this.#head; at < this.#entries.length; at++) yield this.#entries[at]!;
  }
}

/** Unit: entries. Copying the rest costs less than it frees. */
const COMPACT_AFTER = 4_096;
