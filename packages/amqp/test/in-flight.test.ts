import fc from "fast-check";
import { expect, test } from "vitest";
import { InFlight } from "../src/in-flight.ts";
import { WaitingLine } from "../src/waiting-line.ts";

test("confirms in any order, one or many at a time, hand over each entry exactly once", () => {
  const confirms = fc.array(fc.record({ tag: fc.integer({ min: 0, max: 40 }), multiple: fc.boolean() }));
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.constant("add" as const), confirms)), (script) => {
      const inFlight = new InFlight<number>();
      const model = new Map<number, number>();
      let tags = 0;
      for (const step of script) {
        if (step === "add") {
          inFlight.add(++tags);
          model.set(tags, tags);
          continue;
        }
        for (const { tag, multiple } of step) {
          const got: number[] = [];
          inFlight.confirm(tag, multiple, (entry) => got.push(entry));
          const wanted = [...model.keys()].filter((key) => tag === 0 || key === tag || (multiple && key < tag));
          expect(got).toEqual(wanted);
          for (const key of wanted) model.delete(key);
        }
        expect(inFlight.size).toBe(model.size);
        expect([...inFlight]).toEqual([...model.keys()]);
      }
    }),
  );
});

test("a long life with one message that is never confirmed keeps the order of the others", () => {
  const inFlight = new InFlight<number>();
  const got: number[] = [];
  for (let tag = 1; tag <= 20_000; tag++) {
    inFlight.add(tag);
    if (tag !== 1) inFlight.confirm(tag, false, (entry) => got.push(entry));
  }
  expect(got).toHaveLength(19_999);
  expect([...inFlight]).toEqual([1]);
  inFlight.confirm(1, false, (entry) => got.push(entry));
  for (let tag = 20_001; tag <= 30_000; tag++) inFlight.add(tag);
  inFlight.confirm(30_000, true, (entry) => got.push(entry));
  expect(got.slice(-10_000)).toEqual(Array.from({ length: 10_000 }, (_, at) => at + 20_001));
  expect(inFlight.size).toBe(0);
});

test("a waiting line gives back in order, what was put back first", () => {
  const line = new WaitingLine<number>();
  for (let n = 0; n < 10_000; n++) line.add(n);
  for (let n = 0; n < 9_000; n++) {
    expect(line.first).toBe(n);
    line.removeFirst();
  }
  line.putBack([8_998, 8_999]);
  expect(line.size).toBe(1_002);
  expect(line.peek(3)).toEqual([8_998, 8_999, 9_000]);
  line.keep((n) => n % 2 === 0);
  expect(line.size).toBe(501);
  expect([...line].slice(0, 2)).toEqual([8_998, 9_000]);
});
