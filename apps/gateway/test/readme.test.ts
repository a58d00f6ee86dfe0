import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { environment } from "../src/config.ts";
import { parseBridge } from "../src/namespaces/load.ts";
import { dedupeSchema, gatewayFileSchema, limitsSchema, logSchema, namespaceSchema } from "../src/namespaces/schema.ts";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The rows of the table under a heading or a line, by their first cell. */
function table(after: string): Map<string, string[]> {
  const lines = readme.slice(readme.indexOf(after) + after.length).split("\n");
  const rows = lines.slice(lines.findIndex((line) => line.startsWith("|")) + 2);
  return new Map(
    rows
      .slice(
        0,
        rows.findIndex((line) => !line.startsWith("|")),
      )
      .map((row) => {
        const cells = row.split("|").map((cell) => cell.trim().replaceAll("`", ""));
        return [cells[1]!, cells.slice(2, -1)];
      }),
  );
}

describe("the README", () => {
  it("names every variable of the environment", () => {
    expect([...table("## Environment").keys()].sort()).toEqual(Object.keys(environment.shape).sort());
  });

  it("names every key of a namespace, with its default", () => {
    const documented = table("For each namespace:");
    expect([...documented.keys()].sort()).toEqual(Object.keys(namespaceSchema.shape).sort());
    const given = Object.fromEntries(
      [...documented].filter(([key]) => key !== "exchange").map(([key, [value]]) => [key, parse(value!)]),
    );
    const defaults = {
      ...namespaceSchema.parse({ exchange: "x" }),
      log: logSchema.parse({}),
      dedupe: dedupeSchema.parse({}),
    };
    expect(namespaceSchema.parse({ exchange: "x", ...given })).toEqual(defaults);
  });

  it("names every limit, with its default", () => {
    const documented = table("`limits`, of one gateway process:");
    const given = Object.fromEntries([...documented].map(([key, [, value]]) => [key, parse(value!)]));
    expect(Object.keys(given)).toEqual(Object.keys(limitsSchema.shape));
    expect(limitsSchema.parse(given)).toEqual(limitsSchema.parse({}));
    expect(Object.keys(gatewayFileSchema.shape)).toEqual(["namespaces", "limits", "allowedOrigins"]);
  });

  it("shows a configuration file that is one", () => {
    const yaml = /```yaml\n([^]*?)```/.exec(readme)![1]!;
    expect(parseBridge(yaml, "README.md").namespaces).toMatchObject([
      { name: "/chat", publish: ["general", "room.*"] },
    ]);
  });
});
