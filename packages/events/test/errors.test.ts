import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { clientError, CodedError, ERRORS } from "../src/index.ts";

describe("error codes", () => {
  it("stand in docs/errors.md as they are in the code", () => {
    const page = readFileSync(new URL("../../../docs/errors.md", import.meta.url), "utf8");
    const documented = page.split("\n").filter((line) => line.startsWith("| `"));
    const expected = Object.entries(ERRORS).map(
      ([code, { retryable, meaning }]) => `| \`${code}\` | ${retryable ? "yes" : "no"} | ${meaning} |`,
    );
    expect(documented).toEqual(expected);
  });

  it("say by themselves whether trying again may help", () => {
    expect(clientError("BUFFER_FULL", "full", 100)).toEqual({
      code: "BUFFER_FULL",
      message: "full",
      retryable: true,
      retryAfterMs: 100,
    });
    expect(new CodedError("FORBIDDEN", "no").toClient()).toEqual({
      code: "FORBIDDEN",
      message: "no",
      retryable: false,
    });
  });
});
