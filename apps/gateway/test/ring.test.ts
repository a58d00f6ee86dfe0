import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Ring } from "../src/log/ring.ts";
import { logged } from "./logged.ts";

describe("the ring", () => {
  it("holds everything after its floor, within its bound, for any sizes and gaps between offsets", () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ step: fc.integer({ min: 1, max: 5 }), size: fc.nat(3000) }), { maxLength: 300 }),
        (steps) => {
          const ring = new Ring({ maxBytes: 20_000, floor: -1 });
          const all = [];
          let offset = -1;
          for (const { step, size } of steps) {
            offset += step;
            const event = logged({ offset, body: Buffer.alloc(size) });
            all.push(event);
            ring.append(event);
          }
          expect(ring.bytes <= 20_000 || ring.size === 1).toBe(true);
          expect(ring.after(ring.floor, Number.MAX_SAFE_INTEGER)).toEqual(
            all.filter((event) => event.offset > ring.floor),
          );
          for (const event of all) {
            expect(ring.proves(event.place)).toBe(event.offset > ring.floor);
            expect(ring.after(event.offset, 3)).toEqual(
              all.filter((other) => other.offset > Math.max(event.offset, ring.floor)).slice(0, 3),
            );
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it("proves a position only by the record that stands there", () => {
    const ring = new Ring({ maxBytes: 1e6, floor: -1 });
    const event = logged({ offset: 5 });
    ring.append(event);
    expect(ring.proves(event.place)).toBe(true);
    expect(ring.proves({ ...event.place, check: "00000000" })).toBe(false);
    expect(ring.proves({ offset: 5, before: true })).toBe(false);
    expect(ring.proves({ ...event.place, offset: 4 })).toBe(false);
  });

  it("knows the newest event of a topic, and forgets it with its event", () => {
    const ring = new Ring({ maxBytes: 1200, floor: -1 });
    ring.append(logged({ offset: 0, topic: "a" }));
    ring.append(logged({ offset: 1, topic: "b" }));
    expect(ring.lastOf("a")?.offset).toBe(0);
    expect(ring.lastMatching(() => true)?.offset).toBe(1);
    ring.append(logged({ offset: 2, topic: "b" }));
    expect(ring.lastOf("a")).toBeUndefined();
    expect(ring.lastOf("b")?.offset).toBe(2);
  });
});
