/** What one suite's report says. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
  /** What failed, a line each. */
  readonly failures: readonly string[];
}

/** The part of vitest's JSON report that is read. */
interface Report {
  readonly success: boolean;
  readonly testResults: readonly {
    /** The file's path, absolute. */
    readonly name: string;
    readonly status: string;
    readonly message?: string;
    readonly assertionResults: readonly { readonly status: string; readonly fullName: string }[];
  }[];
}

/**
 * @param json vitest's JSON report
 * @throws SyntaxError when it is none
 */
export function tallyOf(json: string): Tally {
  const report: Report = JSON.parse(json);
  if (!Array.isArray(report.testResults)) throw new SyntaxError("no testResults: not a report of vitest");
  let passed = 0;
  let skipped = 0;
  const failures: string[] = [];
  for (const file of report.testResults) {
    const failuresBefore = failures.length;
    for (const test of file.assertionResults) {
      if (test.status === "passed") passed += 1;
      else if (test.status === "failed") failures.push(test.fullName);
      else skipped += 1;
    }
    // A file that could not be loaded, or whose hooks failed, has no failed test of its own.
    if (file.status === "failed" && failures.length === failuresBefore) {
      failures.push(`${file.name.slice(file.name.lastIndexOf("/") + 1)}: ${firstLine(file.message ?? "failed")}`);
    }
  }
  if (!report.success && failures.length === 0) failures.push("the run failed outside of its tests");
  return { passed, failed: failures.length, skipped, failures };
}

function firstLine(message: string): string {
  return message.split("\n", 1)[0] ?? "";
}
