import { parsePosition, type Position, type PositionString } from "@warren/events";
import { Bits } from "./bits.ts";
import type { LogCopy } from "./log-copy.ts";

/** One event as a client got it. */
export interface ReceivedEvent {
  readonly position: PositionString;
  readonly topic: number;
  readonly number: number;
}

interface AnnouncedGap {
  readonly from: PositionString;
  readonly to: PositionString;
  readonly reason: string;
}

interface Timed {
  readonly atMs: number;
}

type Entry = (ReceivedEvent | AnnouncedGap) & Timed;

export const COMPLAINTS = {
  loss: "events that the log has, and that were neither received nor announced as a gap",
  repeat: "events received twice, by position",
  idRepeat: "publications received twice, by id, from two records of the log",
  misorder: "events received after a later one",
  phantom: "events received that the log does not hold",
  stranger: "events received that no pattern of the client matches, or with another topic or id than the log's",
  gap: "gaps announced on a log that never loses anything",
  badGap: "gaps that cannot be understood",
} as const;

export type Complaint = keyof typeof COMPLAINTS;

/** A finding, with the place where it was made. */
export interface Finding {
  readonly complaint: Complaint;
  readonly life: number;
  readonly offset: number;
  readonly detail: string;
}

/**
 * How long an entry waits for the auditor on a log that is deleted now and then: what its last moment brought is never
 * found. Unit: milliseconds.
 */
const PATIENCE_MS = 30_000;
/** As `PATIENCE_MS`, once the next log is being read. */
const DELETION_MS = 5_000;
/** How far clients may be ahead of the auditor. Unit: offsets. */
const AUDITOR_LAG = 500;
/** Findings kept with their place; all are counted. */
const MAX_FINDINGS = 200;

interface LifeRecord {
  readonly received: Bits;
  /** From, inclusive, to, exclusive. */
  readonly excused: [number, number][];
  /** First offset that concerns the client. */
  start: number;
  /** Of what was received: the highest offset. */
  newest: number;
  /** Of what was received or excused: the highest offset. */
  high: number;
}

/**
 * What one client received and was told, judged against the log as the auditor read it:
 * received ∪ announced gaps ⊇ what the log has after the client's beginning and its patterns match; nothing twice; in
 * order. What arrives before the auditor has read that far waits.
 */
export class Ledger {
  readonly counts: Record<Complaint, number> = {
    loss: 0,
    repeat: 0,
    idRepeat: 0,
    misorder: 0,
    phantom: 0,
    stranger: 0,
    gap: 0,
    badGap: 0,
  };
  readonly findings: Finding[] = [];
  deliveries = 0;
  gaps = 0;
  /** Events that an announced gap stands for. Known after `close`. */
  excusedEvents = 0;
  /** Received from the last moment of a log that was deleted, which the auditor did not see. */
  unverified = 0;
  readonly #copy: LogCopy;
  readonly #matches: (topic: number) => boolean;
  readonly #lives: LifeRecord[] = [];
  #numbers = new Bits();
  #life = 0;
  #begun: Position | undefined;
  #pending: Entry[] = [];

  constructor(copy: LogCopy, matches: (topic: number) => boolean) {
    this.#copy = copy;
    this.#matches = matches;
  }

  /** Where the client stood when it first was ready. Later calls change nothing. */
  begin(position: PositionString): void {
    if (this.#begun !== undefined) return;
    this.#begun = parsePosition(position);
    this.#life = this.#copy.lives.length - 1;
    const { offset, before } = this.#begun ?? { offset: 0, before: true };
    const start = before ? offset : offset + 1;
    this.#at(this.#life).start = start;
    this.#at(this.#life).high = start - 1;
  }

  event(event: ReceivedEvent): void {
    this.deliveries++;
    this.#pending.push({ ...event, atMs: performance.now() });
  }

  gap(gap: AnnouncedGap): void {
    this.gaps++;
    this.#pending.push({ ...gap, atMs: performance.now() });
  }

  /** Judges what the auditor has come to. */
  settle(): void {
    const waitedOutMs = performance.now() - PATIENCE_MS;
    let done = 0;
    for (const entry of this.#pending) {
      const final = this.#copy.mayLose && entry.atMs < waitedOutMs;
      if (!this.#judge(entry, final)) break;
      done++;
    }
    if (done > 0) this.#pending = this.#pending.slice(done);
  }

  /** Whether everything that the log has for this client by now was received or announced. */
  arrived(life = this.#copy.lives.length - 1, offset = this.#copy.life.newest(this.#matches)): boolean {
    this.settle();
    if (offset < 0 || this.#life > life) return true;
    // What the broker lost may never have concerned this client.
    for (let each = this.#life; each < life; each++)
      if (!(offset < (this.#copy.lives[each]!.lostFrom ?? 0))) return false;
    return this.#at(this.#life).high >= offset;
  }

  /** How much the log has had so far. Unit: records. */
  get logRecords(): number {
    return this.#copy.records;
  }

  /** Where the client would have to be by now: see `arrived`. */
  target(): [life: number, offset: number] {
    return [this.#copy.lives.length - 1, this.#copy.life.newest(this.#matches)];
  }

  /** Judges all that is left and looks for what never came. */
  close(): void {
    for (const entry of this.#pending) this.#judge(entry, true);
    this.#pending = [];
    const first = this.#lives.findIndex((life) => life !== undefined);
    if (first < 0) return;
    while (this.#copy.lives[this.#life]!.lostFrom !== undefined) this.#moveTo(this.#life + 1);
    for (let index = first; index < this.#copy.lives.length; index++) {
      const life = this.#copy.lives[index]!;
      const mine = this.#at(index);
      mine.excused.sort(([a], [b]) => a - b);
      const last = Math.min(life.last, (life.lostFrom ?? Number.POSITIVE_INFINITY) - 1);
      for (let offset = Math.max(mine.start, life.first, 0); offset <= last; offset++) {
        const topic = life.topic(offset);
        if (topic === undefined || !this.#matches(topic) || mine.received.has(offset) || life.isCopy(offset)) continue;
        if (this.#numbers.has(life.number(offset)) && this.#copy.wasLost(life.number(offset))) continue;
        if (mine.excused.some(([from, to]) => offset >= from && offset < to)) this.excusedEvents++;
        else
          this.#find(
            "loss",
            index,
            offset,
            `publication ${life.number(offset)}, in the log at ${life.seenMs(offset)} ms`,
          );
      }
    }
  }

  #at(life: number): LifeRecord {
    return (this.#lives[life] ??= { received: new Bits(), excused: [], start: 0, newest: -1, high: -1 });
  }

  /** Returns false where the auditor has not come so far yet; never with `final`. */
  #judge(entry: Entry, final: boolean): boolean {
    return "reason" in entry ? this.#judgeGap(entry, final) : this.#judgeEvent(entry, final);
  }

  #judgeEvent(event: ReceivedEvent & Timed, final: boolean): boolean {
    const position = parsePosition(event.position);
    if (position?.check === undefined) {
      this.#find("phantom", this.#life, -1, `no position: ${event.position}`);
      return true;
    }
    const index = this.#lifeOf(position);
    if (index === undefined) {
      if (!final && !this.#isLastMoment(position, event.atMs)) return false;
      const life = this.#copy.lives[this.#life]!;
      const deleted = this.#life < this.#copy.lives.length - 1 && position.offset > life.last;
      if (deleted || (this.#copy.mayLose && life.wasUnseen(position.offset))) this.unverified++;
      else this.#find("phantom", this.#life, position.offset, `publication ${event.number} at ${event.position}`);
      return true;
    }
    this.#moveTo(index);
    this.#receive(event, position.offset);
    return true;
  }

  #receive(event: ReceivedEvent, offset: number): void {
    const life = this.#copy.lives[this.#life]!;
    const mine = this.#at(this.#life);
    const told = `publication ${event.number}, position ${event.position}`;
    if (life.topic(offset) !== event.topic || life.number(offset) !== event.number || !this.#matches(event.topic))
      this.#find("stranger", this.#life, offset, told);
    if (!mine.received.add(offset)) {
      this.#find("repeat", this.#life, offset, told);
      return;
    }
    if (offset <= mine.newest) this.#find("misorder", this.#life, offset, `${told}, after offset ${mine.newest}`);
    else mine.newest = offset;
    mine.high = Math.max(mine.high, mine.newest);
    if (!this.#numbers.add(event.number) && !this.#copy.wasLost(event.number))
      this.#find("idRepeat", this.#life, offset, told);
  }

  /** Without a gap: all that the client has of a log whose end the broker lost, it has of the log that goes on. */
  #moveTo(life: number): void {
    for (; this.#life < life; this.#life++) {
      const { lostFrom } = this.#copy.lives[this.#life]!;
      if (lostFrom !== undefined) this.#carryOver(lostFrom);
    }
  }

  #carryOver(before: number): void {
    const mine = this.#at(this.#life);
    const next = this.#at(this.#life + 1);
    for (let offset = 0; offset < before; offset++) if (mine.received.has(offset)) next.received.add(offset);
    next.excused.push(...mine.excused);
    next.start = mine.start;
    next.newest = Math.min(mine.newest, before - 1);
    next.high = Math.min(mine.high, before - 1);
    mine.start = Number.POSITIVE_INFINITY;
  }

  #judgeGap(gap: AnnouncedGap & Timed, final: boolean): boolean {
    const from = parsePosition(gap.from);
    const to = parsePosition(gap.to);
    if (from === undefined || to === undefined) {
      this.#find("badGap", this.#life, -1, JSON.stringify(gap));
      return true;
    }
    const own = this.#copy.lives[this.#life]!;
    // The client had what the broker lost: it is sent the whole log anew, or only told where it parts.
    const lostIts = own.lostFrom !== undefined && !from.before && from.offset >= own.lostFrom;
    if (lostIts && to.offset >= own.lostFrom!) this.#moveTo(this.#life + 1);
    const again = lostIts && to.offset < own.lostFrom!;
    const target = again ? this.#life + 1 : to.check === undefined ? this.#lifeWithout(gap) : this.#lifeOf(to);
    // The auditor may be about to see that the log is another, or lost its end.
    if (!final && gap.reason === "reset" && target === this.#life && !lostIts) return false;
    if (target === undefined) {
      if (!final && !this.#isLastMoment(to, gap.atMs)) return false;
      // It leads to the last moment of a log that was deleted, or to what the auditor came too late for.
      if (!this.#copy.mayLose) this.#find("badGap", this.#life, to.offset, JSON.stringify(gap));
    }
    if (!this.#copy.mayLose && !lostIts) this.#find("gap", this.#life, from.offset, JSON.stringify(gap));
    const after = from.before ? from.offset : from.offset + 1;
    const begin = lostIts ? own.lostFrom! : after;
    const end = to.before ? to.offset : to.offset + 1;
    const landed = target ?? this.#life;
    if (landed === this.#life) {
      this.#excuse(landed, begin, end);
    } else {
      this.#excuse(this.#life, begin, Number.POSITIVE_INFINITY);
      for (let between = this.#life + 1; between < landed; between++)
        this.#excuse(between, 0, Number.POSITIVE_INFINITY);
      this.#excuse(landed, 0, end);
      this.#life = landed;
      // Everything in the new log is new to the client.
      this.#numbers = new Bits();
    }
    return true;
  }

  #excuse(life: number, from: number, to: number): void {
    if (to <= from) return;
    const mine = this.#at(life);
    mine.excused.push([from, to]);
    if (Number.isFinite(to) && to - 1 > mine.high) mine.high = to - 1;
  }

  /** The life, from the client's own on, in which the position's record stands. */
  #lifeOf(position: Position): number | undefined {
    const check = Number.parseInt(position.check!, 16);
    for (let index = this.#life; index < this.#copy.lives.length; index++)
      if (this.#copy.lives[index]!.stands(position.offset, check)) return index;
    return undefined;
  }

  /** A gap to a place without a record: only a log that was made again has one. */
  #lifeWithout(gap: AnnouncedGap): number | undefined {
    if (gap.reason !== "reset") return this.#life;
    return this.#life + 1 < this.#copy.lives.length ? this.#life + 1 : undefined;
  }

  /**
   * Whether this is from the last moment of a log that was deleted: past what the auditor saw of it, and nothing that the
   * next log has, or will have, there.
   */
  #isLastMoment({ offset }: Position, atMs: number): boolean {
    const own = this.#copy.lives[this.#life]!;
    const { life } = this.#copy;
    if (life === own || own.lostFrom !== undefined || offset <= own.last || life.last < 0) return false;
    const passed = life.last >= offset || offset > life.last + AUDITOR_LAG;
    return passed || performance.now() - atMs > DELETION_MS;
  }

  #find(complaint: Complaint, life: number, offset: number, detail: string): void {
    this.counts[complaint]++;
    if (this.findings.length < MAX_FINDINGS) this.findings.push({ complaint, life, offset, detail });
  }
}
