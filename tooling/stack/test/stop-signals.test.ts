import { EventEmitter } from "node:events";
import { expect, test, vi } from "vitest";
import { onParentGone, onStopSignals } from "../src/stop-signals.ts";

function listening() {
  const source = new EventEmitter();
  const wishes: string[] = [];
  let nowMs = 0;
  onStopSignals(
    source,
    { stop: (signal) => wishes.push(`stop ${signal}`), force: (signal) => wishes.push(`force ${signal}`) },
    () => nowMs,
  );
  return {
    wishes,
    at: (ms: number, signal: string) => {
      nowMs = ms;
      source.emit(signal, signal);
    },
  };
}

test("the first signal stops in order, the second forces", () => {
  const { wishes, at } = listening();
  at(0, "SIGINT");
  at(1_000, "SIGINT");
  expect(wishes).toEqual(["stop SIGINT", "force SIGINT"]);
});

test("one Ctrl-C that arrives twice, from the terminal and from npm, forces nothing", () => {
  const { wishes, at } = listening();
  at(0, "SIGINT");
  at(5, "SIGINT");
  expect(wishes).toEqual(["stop SIGINT"]);
});

test("another signal forces at once", () => {
  const { wishes, at } = listening();
  at(0, "SIGINT");
  at(5, "SIGTERM");
  expect(wishes).toEqual(["stop SIGINT", "force SIGTERM"]);
});

test("a parent that is gone is noticed once, and one that stays never", async () => {
  let parent = 7;
  const gone = vi.fn<() => void>();
  const kept = vi.fn<() => void>();
  onParentGone(gone, () => parent);
  onParentGone(kept, () => 7);
  parent = 1;
  await expect.poll(() => gone.mock.calls.length, { timeout: 10_000 }).toBe(1);
  expect(kept).not.toHaveBeenCalled();
});
