import { Column } from "../oracle/bits.ts";

/** One thing to be published, until it is acked. */
export interface Publication {
  /** From 1, unique in the campaign; its id is made of it, and its body tells it. */
  readonly number: number;
  readonly id: string;
  readonly topic: string;
  readonly data: { readonly n: number; readonly pad: string };
}

/** Reads a publication's number from its body, or from its data as a client got it. 0 where there is none. */
export function identify(data: unknown): number {
  const value: unknown = data instanceof Uint8Array ? JSON.parse(Buffer.from(data).toString()) : data;
  const number = typeof value === "object" && value !== null && "n" in value ? value.n : 0;
  return typeof number === "number" ? number : 0;
}

const MAIN = 1;
const BRIEF = 2;

/** Everything that was published in a campaign, and what was acked of it. */
export class Publications {
  readonly #nowMs: () => number;
  /** One more than when it was acked; 0 for not yet. */
  readonly #ackedMs = new Column();
  readonly #logs = new Column();
  last = 0;
  acked = 0;
  /** Tries beyond the first. */
  retries = 0;
  /** Given up at the end of the campaign, or sent by somebody who does not try twice. */
  unknown = 0;

  constructor(nowMs: () => number) {
    this.#nowMs = nowMs;
  }

  make(log: "main" | "brief", topic: string, padBytes: number): Publication {
    const number = ++this.last;
    this.#logs.set(number, log === "main" ? MAIN : BRIEF);
    return { number, id: `e${number}`, topic, data: { n: number, pad: "x".repeat(padBytes) } };
  }

  ack({ number }: Publication): void {
    if (this.#ackedMs.get(number) !== 0) return;
    this.acked++;
    this.#ackedMs.set(number, Math.round(this.#nowMs()) + 1);
  }

  /** Numbers acked for one log that `holds` does not know, each with when it was acked. */
  missing(log: "main" | "brief", holds: (number: number) => boolean): { number: number; ackedMs: number }[] {
    const wanted = log === "main" ? MAIN : BRIEF;
    const missing: { number: number; ackedMs: number }[] = [];
    for (let number = 1; number <= this.last; number++) {
      const acked = this.#ackedMs.get(number);
      if (acked === 0 || this.#logs.get(number) !== wanted || holds(number)) continue;
      missing.push({ number, ackedMs: acked - 1 });
    }
    return missing;
  }
}
