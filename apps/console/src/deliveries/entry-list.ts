import type { Entry, NewEntry } from "./entry.ts";

export interface EntryListLimits {
  /** Rows kept; the oldest leave first. @default 10_000 */
  rows: number;
  /** Characters of bodies kept; the bodies of the oldest leave first, their rows stay. @default 32 Mi */
  bodyCharacters: number;
}

export const defaults = { rows: 10_000, bodyCharacters: 32 * 1024 * 1024 } satisfies EntryListLimits;

/** How many dropped rows the array may carry at its front before it is copied without them. */
const SLACK = 1024;

/**
 * The rows of the page, in order of arrival, bounded. Keys are consecutive, so a key is found without a search
 * even after rows left at the front.
 */
export class EntryList {
  readonly #limits: EntryListLimits;
  #rows: (Entry | undefined)[] = [];
  /** Index in `#rows` of the oldest row kept. */
  #head = 0;
  /** Key of `#rows[0]`. */
  #base = 0;
  /** Key from which on bodies are still held. */
  #bodiesFrom = 0;
  #bodyCharacters = 0;

  constructor(limits: Partial<EntryListLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  get length(): number {
    return this.#rows.length - this.#head;
  }

  /** Rows that have left the list because newer ones came. */
  get dropped(): number {
    return this.#base + this.#head;
  }

  /** Counted from the newest, which is 0. */
  newest(index: number): Entry | undefined {
    if (index < 0 || index >= this.length) return undefined;
    return this.#rows[this.#rows.length - 1 - index];
  }

  /** The index that `newest` takes for the row with this key, or -1 when it is not here. */
  indexOf(key: number): number {
    const index = this.#base + this.#rows.length - 1 - key;
    return index >= 0 && index < this.length ? index : -1;
  }

  find(key: number): Entry | undefined {
    return this.newest(this.indexOf(key));
  }

  add(entry: NewEntry): Entry {
    const placed: Entry = { ...entry, key: this.#base + this.#rows.length };
    this.#rows.push(placed);
    if (placed.kind === "delivery") this.#bodyCharacters += placed.body?.text.length ?? 0;
    while (this.length > this.#limits.rows) this.#dropOldest();
    while (this.#bodyCharacters > this.#limits.bodyCharacters && this.#bodiesFrom < placed.key) this.#dropOldestBody();
    if (this.#head > SLACK) this.#compact();
    return placed;
  }

  /** Forgets all rows. Keys go on from where they were. */
  clear(): void {
    this.#base += this.#rows.length;
    this.#rows = [];
    this.#head = 0;
    this.#bodiesFrom = this.#base;
    this.#bodyCharacters = 0;
  }

  #dropOldest(): void {
    if (this.#bodiesFrom <= this.#base + this.#head) this.#dropOldestBody();
    this.#rows[this.#head++] = undefined;
  }

  #dropOldestBody(): void {
    const at = this.#bodiesFrom++ - this.#base;
    const row = this.#rows[at];
    if (row?.kind !== "delivery" || row.body === undefined) return;
    this.#bodyCharacters -= row.body.text.length;
    this.#rows[at] = { ...row, body: undefined };
  }

  #compact(): void {
    this.#rows = this.#rows.slice(this.#head);
    this.#base += this.#head;
    this.#head = 0;
  }
}
