import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Deduper } from "../src/log/deduper.ts";

const WINDOW = { windowMs: 100, windowOffsets: 20 };
const records = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 3 }),
      id: fc.option(fc.constantFrom("a", "b", "c", "d"), { nil: undefined }),
      time: fc.option(fc.nat(300), { nil: undefined }),
    }),
    {
      minLength: 1,
      maxLength: 120,
    },
  )
  .map((steps) => {
    let offset = -1;
    return steps.map(({ step, id, time }) => ({ offset: (offset += step), id, time }));
  });

describe("the deduper", () => {
  it("calls a record a repeat exactly when the latest earlier one with its id is within both windows", () => {
    fc.assert(
      fc.property(records, (log) => {
        const deduper = new Deduper(WINDOW);
        for (const [index, record] of log.entries()) {
          const earlier = log.slice(0, index).findLast(({ id }) => id === record.id);
          const expected =
            record.id !== undefined &&
            earlier !== undefined &&
            record.offset - earlier.offset <= 20 &&
            (record.time === undefined || earlier.time === undefined || Math.abs(record.time - earlier.time) <= 100);
          expect({ record, earlier, repeats: deduper.repeats(record) }).toEqual({ record, earlier, repeats: expected });
        }
      }),
    );
  });

  it("decides alike wherever a reader began, once it has read one window", () => {
    fc.assert(
      fc.property(records, fc.nat(120), (log, begin) => {
        const whole = new Deduper(WINDOW);
        const late = new Deduper(WINDOW);
        const from = log[Math.min(begin, log.length - 1)]!.offset;
        for (const record of log) {
          const expected = whole.repeats(record);
          if (record.offset < from) continue;
          const decided = late.repeats(record);
          const primed = record.offset > from + 20;
          expect({ primed, decided: primed ? decided : expected }).toEqual({ primed, decided: expected });
        }
      }),
    );
  });
});
