import type { Transport } from "./visitor.ts";

export type Outcome = "passed" | "failed" | "skipped";

/** How one check went, over one transport. */
export interface Result {
  readonly name: string;
  readonly promise: string;
  /** Absent where it did not run. */
  readonly transport?: Transport;
  readonly outcome: Outcome;
  /** What was found instead, or why it did not run. */
  readonly reason?: string;
  /** Unit: milliseconds. */
  readonly durationMs: number;
}

export interface Report {
  readonly url: string;
  readonly namespace: string;
  /** First word of every topic of the run. */
  readonly run: string;
  readonly results: readonly Result[];
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

const SIGNS = { passed: "✓", failed: "✗", skipped: "–" } satisfies Record<Outcome, string>;

/** One line for people. */
export function resultLine({ name, promise, transport, outcome, reason }: Result): string {
  const over = transport === undefined ? "" : ` (${transport})`;
  const line = `${SIGNS[outcome]} ${name}${over}: ${promise}`;
  return reason === undefined ? line : `${line}\n    ${reason}`;
}

/** The last line. */
export function totalLine({ passed, failed, skipped }: Pick<Report, "passed" | "failed" | "skipped">): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

export function summarise(about: Pick<Report, "url" | "namespace" | "run">, results: readonly Result[]): Report {
  const count = (outcome: Outcome) => results.filter((result) => result.outcome === outcome).length;
  return { ...about, results, passed: count("passed"), failed: count("failed"), skipped: count("skipped") };
}
