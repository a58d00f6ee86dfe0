import { describe, expect, it } from "vitest";
import { readPositionRequest } from "../src/recovery/position-request.ts";

describe("a position that a client asks to go on from", () => {
  it.each<[asked: unknown, means: unknown]>([
    [undefined, "now"],
    [null, "now"],
    ["now", "now"],
    ["first", "first"],
    [0, "first"],
    ["0", "first"],
    [7, { offset: 7, before: true }],
    ["7-1a2b3c4d", { offset: 7, check: "1a2b3c4d", before: false }],
    ["<0", { offset: 0, before: true }],
    [
      { position: "7-1a2b3c4d", topic: "t" },
      { offset: 7, check: "1a2b3c4d", before: false },
    ],
  ])("%j", (asked, means) => {
    expect(readPositionRequest(asked)).toEqual(means);
  });

  it.each([-1, 1.5, Number.NaN, "", "last", "7-XYZ", {}, { position: 7 }, [], true])(
    "%j is POSITION_INVALID",
    (asked) => {
      expect(() => readPositionRequest(asked)).toThrow(expect.objectContaining({ code: "POSITION_INVALID" }));
    },
  );
});
