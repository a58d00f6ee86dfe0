import { expect, test } from "vitest";
import { readable } from "../src/log-line.ts";

const plain = (_colour: string, text: string) => text;

test("a JSON line of an app is shown as its time, level, message and fields", () => {
  const time = new Date(2026, 0, 2, 3, 4, 5, 6).getTime();
  const line = JSON.stringify({ level: 40, time, pid: 7, hostname: "h", name: "gateway", port: 3000, msg: "slow" });
  expect(readable(line, plain)).toBe("03:04:05.006 warn  slow port=3000");
});

test("an error keeps the lines of its stack", () => {
  const line = JSON.stringify({
    level: 50,
    time: 0,
    msg: "failed",
    err: { message: "no", stack: "Error: no\n  at x" },
  });
  expect(readable(line, plain)).toContain("err=Error: no\n  at x");
});

test.each(["plain text", "{ no json", '{"level":"info"}', '{"a":1}', ""])(
  "any other line is shown as it is: %s",
  (line) => {
    expect(readable(line, plain)).toBe(line);
  },
);

test("a warning's error is shown in one line, unless the message says it already", () => {
  const err = { message: "refused", stack: "Error: refused\n  at x" };
  const line = (msg: string) => readable(JSON.stringify({ level: 40, time: 0, msg, err }), plain);
  expect(line("lost")).toMatch(/lost err=refused$/);
  expect(line("lost: refused")).toMatch(/lost: refused$/);
});

test("a long value is cut", () => {
  const line = JSON.stringify({ level: 30, time: 0, msg: "m", body: "x".repeat(5_000) });
  expect(readable(line, plain).length).toBeLessThan(400);
});
