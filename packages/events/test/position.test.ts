import { describe, expect, it } from "vitest";
import { after, before, BEGINNING, comparePositions, formatPosition, parsePosition } from "../src/index.ts";

describe("positions", () => {
  it.each([after(5124, "1a2b3c4d"), before(5124, "1a2b3c4d"), BEGINNING])(
    "%j is read back as it was written",
    (position) => {
      expect(parsePosition(formatPosition(position))).toEqual(position);
    },
  );

  it("typed as a bare number begin at that record", () => {
    expect(parsePosition("17")).toEqual({ offset: 17, before: true });
  });

  it.each(["", "-1", "01", "1.5", "abc", "5-xyz", "5-1A2B3C4D", "5-1a2b3c4d ", "99999999999999999", "<", "first"])(
    "%j is none",
    (text) => {
      expect(parsePosition(text)).toBeUndefined();
    },
  );

  it("order by offset, and before a record comes before after it", () => {
    expect(comparePositions(after(1, "00000000"), after(2, "00000000"))).toBeLessThan(0);
    expect(comparePositions(before(2, "00000000"), after(2, "00000000"))).toBeLessThan(0);
    expect(comparePositions(after(2, "00000000"), after(2, "00000000"))).toBe(0);
  });
});
