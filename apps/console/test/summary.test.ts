import { describe, expect, it } from "vitest";
import { summarize } from "../src/deliveries/summary.ts";
import { examples, exampleOf } from "./examples.ts";

describe("summarize", () => {
  it("says something of every delivery GitHub gives as an example, in one line", () => {
    expect(examples).toHaveLength(329);
    const lines = examples.map(({ event, payload }) => `${event}: ${summarize(event, payload)}`);
    expect(lines.filter((line) => !/^\w+: \S(?:.*\S)?$/.test(line))).toEqual([]);
    expect(lines.filter((line) => line.length > 160 + line.indexOf(":") + 2)).toEqual([]);
    expect(lines.filter((line) => /undefined|null|NaN|\[object|: $|#$/.test(line))).toEqual([]);
  });

  it.each([
    ["issues", "opened", "#1 Spelling error in the README file"],
    ["issue_comment", "created", "Codertocat on #1: You are totally right! I'll get this fixed right away."],
    ["pull_request", "opened", "#2 Update the README with new information."],
    ["pull_request_review", "submitted", "Codertocat commented #2"],
    ["push", undefined, "Codertocat to simple-tag: Adding a .gitignore file"],
    ["release", "published", "0.0.1"],
    ["create", undefined, "tag simple-tag"],
    ["fork", undefined, "to Octocoders/Hello-World"],
    ["workflow_job", "completed", "linters: failure"],
    ["security_advisory", "published", "GHSA-rf4j-j272-fj86: Moderate severity vulnerability that affects django"],
    ["star", "created", "by Codertocat"],
  ])("puts %s %s as a reader would", (event, action, line) => {
    expect(summarize(event, exampleOf(event, action))).toBe(line);
  });

  it("names who did what it does not know, and stays empty where nobody is named", () => {
    expect(summarize("brand_new_event", { sender: { login: "octocat" } })).toBe("by octocat");
    expect(summarize("brand_new_event", { surprise: true })).toBe("");
  });

  it("takes any payload for a known event, even none", () => {
    const events = new Set(examples.map(({ event }) => event));
    for (const event of events) {
      for (const payload of [undefined, null, 7, "text", [], {}, { issue: null }, { commits: "no list" }]) {
        expect(() => summarize(event, payload)).not.toThrow();
      }
    }
  });

  it("folds line breaks and cuts what is longer than a row", () => {
    const line = summarize("issues", { issue: { number: 1, title: `one\n  two ${"long ".repeat(100)}` } });
    expect(line).toMatch(/^#1 one two long .*…$/);
    expect(line.length).toBeLessThanOrEqual(160);
  });
});
