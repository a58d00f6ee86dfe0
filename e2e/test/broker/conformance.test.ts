import { runConformance } from "@warren/conformance";
import { describe, expect } from "vitest";
import { it, type Launch } from "../it.ts";

async function expectConforming(launch: Launch, options: { namespace: string; slow: boolean }): Promise<void> {
  const gateway = await launch("gateway");
  const { results, passed } = await runConformance(gateway.url, options);
  expect(results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
  // What was tried was not given up on.
  expect(results.filter(({ outcome, transport }) => outcome === "skipped" && transport !== undefined)).toEqual([]);
  expect(passed).toBeGreaterThan(50);
}

describe("a gateway of this repository", () => {
  it("keeps every promise that can be proved from outside, in /chat", ({ launch }) =>
    expectConforming(launch, { namespace: "/chat", slow: true }));

  it("keeps every promise that can be proved from outside, in /", ({ launch }) =>
    expectConforming(launch, { namespace: "/", slow: false }));
});
