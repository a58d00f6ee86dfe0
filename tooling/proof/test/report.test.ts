import { expect, test } from "vitest";
import { tallyOf } from "../src/report.ts";
import { summarise } from "../src/summary.ts";

function report(success: boolean, ...files: object[]): string {
  return JSON.stringify({ success, testResults: files });
}

test("every test counts once, whatever became of it", () => {
  const statuses = ["passed", "passed", "failed", "skipped", "todo", "pending"];
  const assertionResults = statuses.map((status, at) => ({ status, fullName: `promise ${at}` }));
  const tally = tallyOf(report(false, { name: "/a/x.test.ts", status: "failed", assertionResults }));
  expect(tally).toEqual({ passed: 2, failed: 1, skipped: 3, failures: ["promise 2"] });
});

test("a file that could not be loaded is one failure", () => {
  const broken = { name: "/a/x.test.ts", status: "failed", message: "no module y\nat z", assertionResults: [] };
  expect(tallyOf(report(false, broken)).failures).toEqual(["x.test.ts: no module y"]);
});

test("a run that failed outside of its tests is one failure", () => {
  const passed = { name: "/a/x.test.ts", status: "passed", assertionResults: [{ status: "passed", fullName: "p" }] };
  expect(tallyOf(report(false, passed))).toMatchObject({ passed: 1, failed: 1 });
});

test("what is no report is refused", () => {
  expect(() => tallyOf("")).toThrow(SyntaxError);
  expect(() => tallyOf("{}")).toThrow(SyntaxError);
});

test("the totals are the last line", () => {
  const one = { passed: 3, failed: 0, skipped: 0, failures: [] };
  const other = { passed: 1, failed: 1, skipped: 2, failures: ["promise"] };
  expect(
    summarise([{ suite: "a test", tally: one }])
      .text.split("\n")
      .at(-1),
  ).toBe("3 passed, 0 failed");
  const both = summarise([
    { suite: "a test", tally: one },
    { suite: "b test", tally: other },
  ]);
  expect(both.text.split("\n").at(-1)).toBe("4 passed, 1 failed, 2 skipped");
  expect(both.text).toContain("b test: promise");
  expect(both.failed).toBe(1);
});
