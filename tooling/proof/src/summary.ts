import type { Tally } from "./report.ts";

export interface SuiteResult {
  /** `@warren/amqp test:broker` */
  readonly suite: string;
  readonly tally: Tally;
}

export interface Summary {
  /** The table, the failures, and as the last line `N passed, N failed[, N skipped]`. */
  readonly text: string;
  readonly failed: number;
}

/** Adds up what every suite reported. */
export function summarise(results: readonly SuiteResult[]): Summary {
  const total = { passed: 0, failed: 0, skipped: 0 };
  const rows: string[][] = [["suite", "passed", "failed", "skipped"]];
  const failures: string[] = [];
  for (const { suite, tally } of results) {
    total.passed += tally.passed;
    total.failed += tally.failed;
    total.skipped += tally.skipped;
    rows.push([suite, String(tally.passed), String(tally.failed), String(tally.skipped)]);
    failures.push(...tally.failures.map((failure) => `  ${suite}: ${failure}`));
  }
  const skipped = total.skipped === 0 ? "" : `, ${total.skipped} skipped`;
  const text = [
    "",
    ...table(rows),
    "",
    ...(failures.length === 0 ? [] : ["failed:", ...failures, ""]),
    `${total.passed} passed, ${total.failed} failed${skipped}`,
  ].join("\n");
  return { text, failed: total.failed };
}

/** The first column to the left, the others to the right. */
function table(rows: readonly string[][]): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  return rows.map((row) =>
    row
      .map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0)))
      .join("  "),
  );
}
