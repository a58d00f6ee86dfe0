import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { CHECKS, UNPROVABLE } from "@warren/conformance";

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

/** The rows of the table under a heading, without its head. */
function rowsUnder(heading: string): string[] {
  const [, section = ""] = readme.split(`\n## ${heading}\n`);
  return section
    .split("\n## ")[0]!
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .slice(2)
    .map((row) => row.replaceAll(/\s+/g, " "));
}

it("the README lists every check, over what, and what no check can prove, as the code has them", () => {
  expect(rowsUnder("Checks")).toEqual(
    CHECKS.map(({ name, promise, transports, slow }) => {
      const over = transports.map((transport) => (transport === "polling" ? "long-polling" : "WebSocket")).join(", ");
      return `| \`${name}\` | ${promise} | ${over}${slow === true ? "; with `--slow`" : ""} |`;
    }),
  );
  expect(rowsUnder("Not provable from outside")).toEqual(
    UNPROVABLE.map(({ name, promise }) => `| \`${name}\` | ${promise} |`),
  );
});
