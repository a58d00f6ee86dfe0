import { runConformance } from "@warren/conformance";
import { describe, expect } from "vitest";
import { it } from "../it.ts";

describe("a gateway of this repository", () => {
  it.for(["/chat", "/"])(
    "keeps every promise that can be proved from outside, in %s",
    async (namespace, { launch }) => {
      const gateway = await launch("gateway");
      const report = await runConformance(gateway.url, { namespace, slow: namespace === "/chat" });
      expect(report.results.filter(({ outcome }) => outcome === "failed")).toEqual([]);
      expect(
        report.results.filter(({ outcome, transport }) => outcome === "skipped" && transport !== undefined),
      ).toEqual([]);
      expect(report.passed).toBeGreaterThan(50);
    },
  );
});
