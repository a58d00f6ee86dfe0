import fc from "fast-check";
import { expect, it } from "vitest";
import { createMemoryEventLog, type LogRecord, type ReadStart } from "@warren/event-log";

type Step =
  | { readonly act: "append"; readonly count: number }
  | { readonly act: "truncate"; readonly keep: number }
  | { readonly act: "recreate" | "disconnect" | "reconnect" | "turn" };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ act: fc.constant("append" as const), count: fc.integer({ min: 1, max: 5 }) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constant("truncate" as const), keep: fc.integer({ min: 0, max: 4 }) }) },
  { weight: 1, arbitrary: fc.record({ act: fc.constant("recreate" as const) }) },
  { weight: 2, arbitrary: fc.record({ act: fc.constantFrom("disconnect" as const, "reconnect" as const) }) },
  { weight: 4, arbitrary: fc.record({ act: fc.constant("turn" as const) }) },
);

it("whatever befalls the log, a tail brings each record once, in order, or announces what it could not bring", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
      const log = createMemoryEventLog("chat.log");
      const said: (readonly LogRecord[] | ReadStart)[] = [];
      const tail = log.tail("first", {
        records: (burst) => said.push(burst),
        gap: (gap) => said.push(gap),
        attached() {},
      });
      await tail.ready;
      let appended = 0;
      let newest = -1;
      const append = (): void => {
        newest = log.append({ topic: "a", id: `${appended++}` }).offset;
      };
      // Until its first record a tail holds nothing that a log could contradict.
      append();
      await Promise.resolve();
      for (const { act, ...how } of steps) {
        switch (act) {
          case "append":
            for (let count = 0; count < (how as { count: number }).count; count++) append();
            break;
          case "truncate":
            log.truncateBefore(newest + 1 - (how as { keep: number }).keep);
            break;
          case "turn":
            await Promise.resolve();
            break;
          case "recreate":
          case "disconnect":
          case "reconnect":
            log[act]();
        }
      }
      log.reconnect();
      append();
      await new Promise((resolve) => setImmediate(resolve));
      await log.close();

      expect(account(said)).toEqual({ faults: [], next: appended });
    }),
    { numRuns: 300 },
  );
});

/** What is wrong with what was said, and the number of the event that would come next. */
function account(said: readonly (readonly LogRecord[] | ReadStart)[]): { faults: string[]; next: number } {
  const faults: string[] = [];
  let next = 0;
  let announced = false;
  for (const entry of said) {
    if ("found" in entry) {
      announced = true;
      continue;
    }
    for (const { id } of entry.filter(({ mark }) => !mark)) {
      if (Number(id) < next) faults.push(`${id} came again`);
      if (Number(id) > next && !announced) faults.push(`${next} to ${id} were skipped in silence`);
      next = Number(id) + 1;
      announced = false;
    }
  }
  return { faults, next };
}
