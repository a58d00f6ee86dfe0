import { setTimeout as delay } from "node:timers/promises";
import type { Random } from "../random.ts";
import type { Publication, Publications } from "./publication.ts";
import { drawEvent, type LogName } from "./scenery.ts";

/** Sends one publication once; resolves with whether it was acked. May reject. */
export type Send = (publication: Publication, log: LogName, attempt: number) => Promise<boolean>;

export interface PublisherPlan {
  readonly log: LogName;
  /** Unit: events per second. */
  readonly rate: number;
  readonly random: Random;
  readonly publications: Publications;
  readonly send: Send;
  /** Most publications that are tried at once; while so many are, no new ones are made. @default 40 */
  readonly window?: number;
  /** Whether what is not acked is sent again, with the same id, until it is. @default true */
  readonly insists?: boolean;
}

const TICK_MS = 20;
const RETRY_MS = 100;

/** Publishes at a steady rate, and sends everything again with the same id until it is acked. */
export class LoadPublisher {
  readonly #plan: Required<PublisherPlan>;
  readonly #over = new AbortController();
  readonly #underWay = new Set<Promise<void>>();
  #timer: NodeJS.Timeout | undefined;
  #due = 0;

  constructor(plan: PublisherPlan) {
    this.#plan = { window: 40, insists: true, ...plan };
  }

  start(): void {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** Makes nothing new; resolves when all is acked, or given up after so long. */
  async stop(timeoutMs: number): Promise<void> {
    clearInterval(this.#timer);
    const late = setTimeout(() => this.#over.abort(), timeoutMs);
    await Promise.all(this.#underWay);
    clearTimeout(late);
  }

  /** Publishes this now, whatever the rate; resolves when it is acked. */
  publish(topic: string, padBytes: number): Promise<void> {
    const work = this.#insist(this.#plan.publications.make(this.#plan.log, topic, padBytes));
    this.#underWay.add(work);
    return work.finally(() => this.#underWay.delete(work));
  }

  #tick(): void {
    const { rate, window, log, random } = this.#plan;
    this.#due = Math.min(this.#due + (rate * TICK_MS) / 1_000, window);
    for (; this.#due >= 1 && this.#underWay.size < window; this.#due--) {
      const { topic, padBytes } = drawEvent(log, random);
      void this.publish(topic, padBytes);
    }
  }

  async #insist(publication: Publication): Promise<void> {
    const { publications, send, log, insists } = this.#plan;
    for (let attempt = 0; !this.#over.signal.aborted; attempt++) {
      if (attempt > 0) publications.retries++;
      if (await send(publication, log, attempt).catch(() => false)) {
        publications.ack(publication);
        return;
      }
      if (!insists) break;
      await delay(RETRY_MS);
    }
    publications.unknown++;
  }
}
