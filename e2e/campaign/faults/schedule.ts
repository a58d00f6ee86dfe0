import { FaultUnavailable } from "@warren/broker";
import type { CampaignClient } from "../clients/client.ts";
import type { Random } from "../random.ts";
import type { Act, FaultKind, Stage } from "./fault.ts";
import { ON_CLIENTS } from "./on-clients.ts";
import { ON_PROCESSES } from "./on-processes.ts";
import { recovery } from "./recovery.ts";

export const FAULT_KINDS: readonly FaultKind[] = [...ON_CLIENTS, ...ON_PROCESSES];

const MOST_AT_ONCE = 4;
const RETRY_MS = 200;

/** One fault that was done, for the evidence. */
export interface FaultRecord {
  readonly name: string;
  readonly startedMs: number;
  overMs: number | undefined;
  readonly notes: string[];
  /** From its end until everyone it concerned had everything again; other faults may have been under way. */
  recoveredMs: number | undefined;
}

export interface ScheduleOptions {
  readonly stage: Stage;
  readonly random: Random;
  /** Unit: milliseconds between the beginnings of two faults, in the mean. */
  readonly everyMs: number;
  /** Every kind is done once before any is done twice. A shorter campaign has shorter faults: their times are multiplied. */
  readonly durationFactor: number;
  readonly nowMs: () => number;
  /** Of these, all others are left out. @default every kind */
  readonly only?: readonly string[];
}

/** Does faults, one after the other and up to four at a time, until it is stopped; each is undone. */
export class FaultSchedule {
  readonly records: FaultRecord[] = [];
  /** Kinds that this broker cannot be given, with the reason. */
  readonly unavailable = new Map<string, string>();
  /** Faults that could not be done or undone: the campaign's own trouble, not the product's. */
  readonly troubles: string[] = [];
  readonly #options: ScheduleOptions;
  readonly #over = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  readonly #taken = new Set<string>();
  readonly #recoveries = new Set<Promise<void>>();
  #waiting: FaultKind[] = [];
  #closed = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: ScheduleOptions) {
    this.#options = options;
    const kinds = this.#kinds;
    const once = new Map(options.random.shuffle(kinds).map((kind) => [kind.name, kind]));
    this.#waiting = [...once.values()];
  }

  get #kinds(): readonly FaultKind[] {
    const { only } = this.#options;
    return FAULT_KINDS.filter(({ name }) => (only === undefined || only.includes(name)) && !this.unavailable.has(name));
  }

  get active(): readonly string[] {
    return this.records.filter(({ overMs }) => overMs === undefined).map(({ name }) => name);
  }

  start(): void {
    const { everyMs, random } = this.#options;
    const next = () => {
      const begun = this.#begin();
      const waitMs = begun ? everyMs * (0.5 + random.next()) : RETRY_MS;
      this.#timer = setTimeout(next, waitMs);
    };
    this.#timer = setTimeout(next, 500);
  }

  /** Begins no more; resolves when all that is under way was undone. */
  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#over.abort();
    await Promise.all(this.#underWay);
  }

  /** Waits for no recovery any more. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all(this.#recoveries);
  }

  /** Whether a fault could begin. The next in turn that nothing stands in the way of; or else one that is drawn. */
  #begin(): boolean {
    if (this.#underWay.size >= MOST_AT_ONCE) return false;
    const free = ({ needs }: FaultKind) => needs === undefined || !this.#taken.has(needs);
    if (this.#waiting.length === 0) this.#waiting.push(this.#draw());
    const index = this.#waiting.findIndex(free);
    if (index < 0) return false;
    const [kind] = this.#waiting.splice(index, 1);
    const work = this.#do(kind!);
    this.#underWay.add(work);
    void work.finally(() => this.#underWay.delete(work));
    return true;
  }

  #draw(): FaultKind {
    const kinds = this.#kinds;
    let draw = this.#options.random.next() * kinds.reduce((sum, { weight }) => sum + weight, 0);
    return kinds.find(({ weight }) => (draw -= weight) < 0) ?? kinds[0]!;
  }

  async #do(kind: FaultKind): Promise<void> {
    const { stage, random, nowMs, durationFactor } = this.#options;
    const { name, needs } = kind;
    const record: FaultRecord = { name, startedMs: nowMs(), overMs: undefined, notes: [], recoveredMs: undefined };
    const taken: CampaignClient[] = [];
    const mine = random.fork(`${name} ${this.records.length}`);
    const act: Act = {
      stage,
      random: mine,
      take: (count, which = () => true) => {
        const clients = mine.sample(
          stage.clients.filter((client) => client.busy === 0 && which(client)),
          count,
        );
        for (const client of clients) client.busy++;
        taken.push(...clients);
        record.notes.push(clients.map((client) => client.name).join(" "));
        return clients;
      },
      wait: (leastMs, mostMs) => this.#wait((leastMs + mine.next() * (mostMs - leastMs)) * durationFactor),
      note: (detail) => record.notes.push(detail),
    };
    this.records.push(record);
    if (needs !== undefined) this.#taken.add(needs);
    try {
      const concerned = await kind.run(act);
      this.#measure(record, concerned);
    } catch (error) {
      if (error instanceof FaultUnavailable) {
        this.unavailable.set(name, error.message);
        this.records.splice(this.records.indexOf(record), 1);
      } else {
        this.troubles.push(`${name}: ${error instanceof Error ? error.message : String(error)}`);
      }
    } finally {
      record.overMs = nowMs();
      for (const client of taken) client.busy--;
      if (needs !== undefined) this.#taken.delete(needs);
    }
  }

  #measure(record: FaultRecord, concerned: readonly CampaignClient[]): void {
    const measured = recovery(concerned, () => this.#closed).then(({ tookMs, last }) => {
      record.recoveredMs = tookMs;
      if (last !== "") record.notes.push(`last: ${last}`);
      return undefined;
    });
    this.#recoveries.add(measured);
    void measured.finally(() => this.#recoveries.delete(measured));
  }

  async #wait(durationMs: number): Promise<void> {
    const { signal } = this.#over;
    if (signal.aborted) return;
    const waited = Promise.withResolvers<void>();
    const timer = setTimeout(waited.resolve, durationMs);
    const early = () => waited.resolve();
    signal.addEventListener("abort", early, { once: true });
    await waited.promise;
    clearTimeout(timer);
    signal.removeEventListener("abort", early);
  }
}
