import { Bits, Column } from "./bits.ts";

/** One record as the auditor read it. */
export interface AuditedRecord {
  readonly offset: number;
  /** The check of its position, as a number. */
  readonly check: number;
  /** Its topic's number; undefined for a mark, which is for nobody. */
  readonly topic: number | undefined;
  /** The publication's number; 0 for a mark. */
  readonly number: number;
}

const ABSENT = 0;
const MARK = 1;
const FIRST_TOPIC = 2;

/** One life of a log, from its making to its deletion, or to where the broker lost its end, indexed by offset. */
export class LogLife {
  first = -1;
  last = -1;
  /** Where it went on as the next life, which shares all before: the broker had lost what stood from there on. */
  lostFrom: number | undefined;
  /** Stretches, first to last inclusive, which the auditor could not read: it came too late. */
  readonly unseen: (readonly [first: number, last: number])[] = [];
  readonly #checks = new Column();
  readonly #topics = new Column();
  readonly #numbers = new Column();
  readonly #seenMs = new Column();
  readonly #copies = new Bits();
  /** By topic, the newest offset that is no copy. */
  readonly #newest = new Map<number, number>();

  append(record: AuditedRecord, copy: boolean, seenMs: number): void {
    const { offset, topic } = record;
    if (this.first < 0) this.first = offset;
    else if (offset > this.last + 1) this.unseen.push([this.last + 1, offset - 1]);
    this.last = offset;
    this.#checks.set(offset, record.check);
    this.#topics.set(offset, topic === undefined ? MARK : topic + FIRST_TOPIC);
    this.#numbers.set(offset, record.number);
    this.#seenMs.set(offset, Math.round(seenMs));
    if (copy) this.#copies.add(offset);
    else if (topic !== undefined) this.#newest.set(topic, offset);
  }

  has(offset: number): boolean {
    return this.#topics.get(offset) !== ABSENT;
  }

  /** A life of the same records up to here, exclusive, for a log that goes on otherwise. */
  fork(from: number): LogLife {
    const next = new LogLife();
    for (let offset = Math.max(this.first, 0); offset < from; offset++) {
      if (!this.has(offset)) continue;
      const topic = this.topic(offset);
      const record = { offset, check: this.#checks.get(offset), topic, number: this.number(offset) };
      next.append(record, this.isCopy(offset), this.seenMs(offset));
    }
    this.lostFrom = from;
    return next;
  }

  /** Whether the record that stands there has this check. */
  stands(offset: number, check: number): boolean {
    return this.has(offset) && this.#checks.get(offset) === check;
  }

  /** Undefined for marks and where nothing stands. */
  topic(offset: number): number | undefined {
    const topic = this.#topics.get(offset);
    return topic < FIRST_TOPIC ? undefined : topic - FIRST_TOPIC;
  }

  number(offset: number): number {
    return this.#numbers.get(offset);
  }

  /** When the auditor read it. Unit: milliseconds since the campaign began. */
  seenMs(offset: number): number {
    return this.#seenMs.get(offset);
  }

  /** Whether the same publication stood in the log already: its retry, which nobody needs to get. */
  isCopy(offset: number): boolean {
    return this.#copies.has(offset);
  }

  wasUnseen(offset: number): boolean {
    return this.unseen.some(([first, last]) => offset >= first && offset <= last);
  }

  /** The newest offset that somebody must have who matches so; -1 for none. */
  newest(matches: (topic: number) => boolean): number {
    let newest = -1;
    for (const [topic, offset] of this.#newest) if (offset > newest && matches(topic)) newest = offset;
    return newest;
  }
}

/** All that the auditor ever saw of one log, through all its lives. */
export class LogCopy {
  readonly name: string;
  /** Whether gaps may come of it: its retention truncates, or it gets deleted. */
  readonly mayLose: boolean;
  readonly lives: LogLife[] = [new LogLife()];
  /** When each life but the last ended. Unit: milliseconds since the campaign began. */
  readonly endedMs: number[] = [];
  readonly #published = new Bits();
  readonly #lostNumbers = new Set<number>();
  records = 0;
  copies = 0;
  /** Publications that the broker delivered to the auditor, and had not any more when it came back. */
  lost = 0;

  constructor(name: string, mayLose: boolean) {
    this.name = name;
    this.mayLose = mayLose;
  }

  get life(): LogLife {
    return this.lives.at(-1)!;
  }

  append(record: AuditedRecord, nowMs: number): void {
    const copy = record.topic !== undefined && !this.#published.add(record.number);
    this.records++;
    if (copy) this.copies++;
    this.life.append(record, copy, nowMs);
  }

  holds(number: number): boolean {
    return this.#published.has(number);
  }

  /** Whether it was in the log once and then lost with its end; a publisher that insisted may have put it there again. */
  wasLost(number: number): boolean {
    return this.#lostNumbers.has(number);
  }

  /** The broker came back without what stood from here on, and writes something else there. */
  loseFrom(from: number): void {
    const { life } = this;
    for (let offset = from; offset <= life.last; offset++) {
      if (life.topic(offset) === undefined || life.isCopy(offset)) continue;
      this.lost++;
      this.#lostNumbers.add(life.number(offset));
      this.#published.delete(life.number(offset));
    }
    this.endedMs.push(Number.NEGATIVE_INFINITY);
    this.lives.push(life.fork(from));
  }

  /** The log was deleted: what comes is another. */
  beginLife(nowMs: number): void {
    this.endedMs.push(nowMs);
    this.lives.push(new LogLife());
  }
}
