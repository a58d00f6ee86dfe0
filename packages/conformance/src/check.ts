import { isDeepStrictEqual } from "node:util";
import type { Stage } from "./stage.ts";
import type { Transport } from "./visitor.ts";

/** One promise of the protocol, tried out. */
export interface Check {
  /** For `--only`: words joined by hyphens. */
  readonly name: string;
  /** What the gateway promises, as one sentence. */
  readonly promise: string;
  /** Where the promise could hold over one and not over the other, both. */
  readonly transports: readonly Transport[];
  /** Without it there is nothing to try: when it fails, all others are skipped. */
  readonly essential?: true;
  /** Takes longer than all others together, so it runs only when asked for. */
  readonly slow?: true;
  /** Throws Broken where the promise does not hold, Unprovable where it cannot be tried on this gateway. */
  run(stage: Stage): Promise<void>;
}

export const BOTH: readonly Transport[] = ["websocket", "polling"];
export const WEBSOCKET: readonly Transport[] = ["websocket"];

/** A promise of the protocol that can only be broken, and so only be proved, with a hand on the gateway or the broker. */
export interface Unprovable {
  readonly name: string;
  readonly promise: string;
}

/** The gateway did not do what it promises; the message says what it did. */
export class Broken extends Error {
  override readonly name = "Broken";
}

/** Nothing this gateway does could tell whether it keeps the promise. */
export class NotProvable extends Error {
  override readonly name = "NotProvable";
}

/** Throws Broken where `actual` differs. Both must be JSON, or bytes. */
export function mustEqual(actual: unknown, expected: unknown, what: string): void {
  if (isDeepStrictEqual(actual, expected)) return;
  throw new Broken(`${what}: expected ${show(expected)}, got ${show(actual)}`);
}

export function must(fact: boolean, what: string): asserts fact {
  if (!fact) throw new Broken(what);
}

/** Unit: characters. */
const SHOWN = 300;

/** A value in a sentence. */
export function show(value: unknown): string {
  const text = Buffer.isBuffer(value) ? `bytes ${value.toString("hex")}` : (JSON.stringify(value) ?? String(value));
  return text.length > SHOWN ? `${text.slice(0, SHOWN)}…` : text;
}
