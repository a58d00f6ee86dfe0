import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { readLines, surveyFile } from "../src/replay/lines.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "warren-lines-"))));
afterAll(() => rmSync(folder, { recursive: true }));

async function linesOf(content: string | Buffer, maxBytes?: number): Promise<[number, string | undefined][]> {
  const path = join(folder, "lines.jsonl");
  writeFileSync(path, content);
  const lines: [number, string | undefined][] = [];
  for await (const { number, bytes } of readLines(path, maxBytes)) lines.push([number, bytes?.toString()]);
  return lines;
}

describe("the lines of a file", () => {
  it.each([
    ["", []],
    ["a", [[1, "a"]]],
    ["a\n", [[1, "a"]]],
    [
      "a\r\nb\r\n",
      [
        [1, "a\r"],
        [2, "b\r"],
      ],
    ],
    [
      "\n\na\n \t\r\nb",
      [
        [3, "a"],
        [5, "b"],
      ],
    ],
  ])("of %j keep their numbers, without the empty ones", async (content, lines) => {
    expect(await linesOf(content)).toEqual(lines);
  });

  it("are whole wherever the file is cut into reads", async () => {
    const lines = Array.from({ length: 5_000 }, (_, index) => `${index}:${"é".repeat(index % 97)}`);
    expect((await linesOf(lines.join("\n"))).map(([, text]) => text)).toEqual(lines);
  });

  it("over the limit are told apart, and those after them are read", async () => {
    expect(await linesOf(`ok\n${"x".repeat(200_000)}\nok`, 100_000)).toEqual([
      [1, "ok"],
      [2, undefined],
      [3, "ok"],
    ]);
  });

  it("are counted, and the content named, in a first pass", async () => {
    const path = join(folder, "survey.jsonl");
    const survey = (content: string) => {
      writeFileSync(path, content);
      return surveyFile(path);
    };
    expect((await survey("")).lines).toBe(0);
    expect((await survey("a\nb")).lines).toBe(2);
    const two = await survey("a\nb\n");
    expect(two.lines).toBe(2);
    expect((await survey("a\nb\n")).fingerprint).toBe(two.fingerprint);
    expect((await survey("a\nc\n")).fingerprint).not.toBe(two.fingerprint);
  });
});
