import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compilePatterns, covers, matches, patternFault, patternsKey, topicFault, topicWord } from "../src/index.ts";

describe("patterns", () => {
  it.each([
    ["a.b", "a.b", true],
    ["a.b", "a.c", false],
    ["*", "a", true],
    ["*", "a.b", false],
    ["*", "", false],
    ["#", "", true],
    ["#", "a.b.c", true],
    ["a.#", "a", true],
    ["a.#", "a.b.c", true],
    ["#.c", "a.b.c", true],
    ["#.b.#", "a.b.c", true],
    ["a.*.c", "a..c", true],
    ["a.#.z.#.z", "a.z.b.z", true],
    ["a.#.z.*", "a.z.z", true],
    ["a.#.z.*", "a.z", false],
  ])("%s against %s is %s", (pattern, topic, expected) => {
    expect(matches(pattern, topic)).toBe(expected);
    expect(compilePatterns([pattern])(topic)).toBe(expected);
  });

  it("agree with the definition of * and # word by word, for any pattern and topic", () => {
    const word = fc.constantFrom("a", "b", "");
    const patternWord = fc.constantFrom("a", "b", "*", "#");
    const define = (pattern: string[], topic: string[]): boolean => {
      const [head, ...rest] = pattern;
      if (head === undefined) return topic.length === 0;
      if (head === "#") return define(rest, topic) || (topic.length > 0 && define(pattern, topic.slice(1)));
      return topic.length > 0 && (head === "*" || head === topic[0]) && define(rest, topic.slice(1));
    };
    fc.assert(
      fc.property(
        fc.array(patternWord, { minLength: 1, maxLength: 6 }),
        fc.array(word, { minLength: 2, maxLength: 6 }),
        (pattern, topic) => matches(pattern.join("."), topic.join(".")) === define(pattern, topic),
      ),
      { numRuns: 5000 },
    );
  });

  it.each([
    ["#", "a.#", true],
    ["a.*", "a.b", true],
    ["a.*", "a.*", true],
    ["a.*", "a.#", false],
    ["a.#", "a", true],
    ["a.#", "a.*.b.#", true],
    ["a.#.b", "a.#.c.b", true],
    ["*", "#", false],
    ["a", "a.b", false],
    ["general", "general", true],
  ])("%s covers %s: %s", (wide, narrow, expected) => {
    expect(covers(wide, narrow)).toBe(expected);
  });

  it("that cover another match all that it matches", () => {
    const patternWord = fc.constantFrom("a", "b", "*", "#");
    const pattern = fc.array(patternWord, { minLength: 1, maxLength: 4 }).map((words) => words.join("."));
    const topic = fc
      .array(fc.constantFrom("a", "b", "c"), { minLength: 1, maxLength: 5 })
      .map((words) => words.join("."));
    fc.assert(
      fc.property(pattern, pattern, topic, (wide, narrow, topic) => {
        fc.pre(covers(wide, narrow) && matches(narrow, topic));
        return matches(wide, topic);
      }),
      { numRuns: 2000 },
    );
  });

  it("match in bounded time, however many # they hold", () => {
    const topic = Array.from({ length: 120 }, () => "a").join(".");
    expect(matches(`${"#.a.".repeat(20)}b`, topic)).toBe(false);
  });

  it("of one set have one key", () => {
    expect(patternsKey(["b", "a", "b"])).toBe(patternsKey(["a", "b"]));
    expect(patternsKey(["a"])).not.toBe(patternsKey(["b"]));
  });

  it.each(["", "a.b*", "##", "a.#b", "x".repeat(256), "\ud800", 7, null])("%j is refused with a reason", (value) => {
    expect(patternFault(value)).toMatch(/./);
  });
});

describe("topics", () => {
  it("may be anything of 1 to 255 bytes", () => {
    expect(topicFault("a.b")).toBeUndefined();
    expect(topicFault("é".repeat(128))).toMatch(/at most 255 bytes, got 256/);
    expect(topicFault("")).toMatch(/empty/);
  });

  it("get words that hold no separator and no wildcard", () => {
    expect(topicWord("Hello.World")).toBe("hello-world");
    expect(topicWord("a*b#c d")).toBe("a-b-c-d");
    expect(topicWord("")).toBe("-");
    fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => /^[^.*#\s]+$/u.test(topicWord(text))));
  });
});
