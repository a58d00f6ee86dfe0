import { Writable } from "node:stream";
import { describe, expect, it } from "vitest";
import { createProgress, type ProgressStream } from "../src/progress.ts";

function screen(isTTY: boolean): { stream: ProgressStream; text: () => string } {
  const chunks: string[] = [];
  const stream: ProgressStream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  if (isTTY) Object.assign(stream, { isTTY, columns: 100, cursorTo: () => {}, clearLine: () => {} });
  return { stream, text: () => chunks.join("") };
}

describe("progress", () => {
  it("is a few plain lines where there is no terminal, the last one at the end", () => {
    const { stream, text } = screen(false);
    const progress = createProgress(stream, 1_000, "demo");
    for (let done = 1; done <= 1_000; done++) progress.update(done, `${done} confirmed`);
    progress.stop();
    const lines = text().trimEnd().split("\n");
    expect(lines).toHaveLength(10);
    expect(lines[0]).toBe("demo 100/1000 · 100 confirmed");
    expect(lines.at(-1)).toBe("demo 1000/1000 · 1000 confirmed");
  });

  it("is a bar on a terminal", () => {
    const { stream, text } = screen(true);
    const progress = createProgress(stream, 2, "demo");
    progress.update(2, "2 confirmed");
    progress.say("a line");
    progress.stop();
    expect(text()).toMatch(/demo \[█{30}\] 2\/2 · 2 confirmed/);
    expect(text()).toContain("a line\n");
  });
});
