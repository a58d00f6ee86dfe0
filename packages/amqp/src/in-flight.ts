/**
 * What was sent on one channel and is not yet confirmed, by delivery tag. The broker numbers publishes from 1 in the
 * order they are sent, and confirms in any order, one or all up to a tag.
 */
export class InFlight<Entry> {
  /** `#slots[#head]` has tag `#base`; a confirmed slot in between is undefined. */
  #slots: (Entry | undefined)[] = [];
  #head = 0;
  #base = 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Takes the next delivery tag. */
  add(entry: Entry): void {
    this.#slots.push(entry);
    this.#size++;
  }

  /** Removes the confirmed entries and hands each over, in order. Tags that are unknown, or confirmed already, are ignored. */
  confirm(tag: number, multiple: boolean, confirmed: (entry: Entry) => void): void {
    const upTo = tag === 0 ? this.#slots.length : tag - this.#base + this.#head + 1;
    if (multiple || tag === 0) {
      for (let at = this.#head; at < upTo && at < this.#slots.length; at++) this.#remove(at, confirmed);
    } else if (upTo > this.#head) this.#remove(upTo - 1, confirmed);
    this.#advance();
  }

  /** What is left, in the order it was sent. */
  *[Symbol.iterator](): Generator<Entry> {
    for (let at = this.#head; at < this.#slots.length; at++) {
      const entry = this.#slots[at];
      if (entry !== undefined) yield entry;
    }
  }

  /** Forgets everything: the next channel numbers from 1 again. */
  clear(): void {
    this.#slots = [];
    this.#head = 0;
    this.#base = 1;
    this.#size = 0;
  }

  #remove(at: number, confirmed: (entry: Entry) => void): void {
    const entry = this.#slots[at];
    if (entry === undefined) return;
    this.#slots[at] = undefined;
    this.#size--;
    confirmed(entry);
  }

  #advance(): void {
    while (this.#head < this.#slots.length && this.#slots[this.#head] === undefined) {
      this.#head++;
      this.#base++;
    }
    if (this.#head === this.#slots.length) {
      this.#slots.length = 0;
      this.#head = 0;
    } else if (this.#head > COMPACT_AFTER) {
      this.#slots = this.#slots.slice(this.#head);
      this.#head = 0;
    }
  }
}

/** Unit: slots. Copying the rest costs less than it frees. */
const COMPACT_AFTER = 4_096;
