import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

const read = (path: string) => readFileSync(new URL(path, import.meta.url), "utf8");

describe("the README", () => {
  it.each(["run-service.ts", "http-server.ts"])("lists every default of %s as the code has it", (file) => {
    const source = read(`../src/${file}`);
    const defaults = /const defaults = \{([^}]*)\}/.exec(source)![1]!;
    const pairs = [...defaults.matchAll(/(\w+): ([\d_]+)/g)];
    expect(pairs.length).toBeGreaterThan(0);
    for (const [, name, value] of pairs)
      expect(read("../README.md")).toMatch(new RegExp(`\\| \`${name}\` \\| \\w+ \\| \`${value}\` \\|`));
  });
});
