import { expect, test } from "vitest";
import { compareVersions, parseBrokerVersion } from "../src/index.ts";

test.each([
  ["3.10.8", { major: 3, minor: 10, patch: 8 }],
  ["4.3.0-rc.1", { major: 4, minor: 3, patch: 0 }],
  ["3.13.7+12.gabc", { major: 3, minor: 13, patch: 7 }],
  ["4.0.2.1", { major: 4, minor: 0, patch: 2 }],
  ["4.1", { major: 4, minor: 1, patch: 0 }],
  ["unknown", undefined],
  ["", undefined],
])("the version %j is read as %j", (text, version) => {
  expect(parseBrokerVersion(text)).toEqual(version);
});

test("versions are ordered by number, not by spelling", () => {
  const shuffled = ["4.3.6", "3.9.29", "3.10.8", "unknown", "3.10.25", "4.0.1", "3.13.7"];
  expect(shuffled.sort(compareVersions)).toEqual([
    "unknown",
    "3.9.29",
    "3.10.8",
    "3.10.25",
    "3.13.7",
    "4.0.1",
    "4.3.6",
  ]);
});

test("a pre-release counts as its release", () => {
  expect(compareVersions("4.3.0-beta.5", "4.3.0")).toBe(0);
});
