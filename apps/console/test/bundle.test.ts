import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build, type Rolldown } from "vite";
import { beforeAll, describe, expect, it } from "vitest";

/** What the page may weigh. Unit: bytes, compressed. */
const BUDGET = { script: 150_000, style: 15_000 };

describe("the built page", () => {
  let files: { name: string; content: string }[];

  beforeAll(async () => {
    const root = fileURLToPath(new URL("..", import.meta.url));
    // As the build itself runs: vitest sets "test", which would bring React's development build.
    const before = process.env["NODE_ENV"];
    process.env["NODE_ENV"] = "production";
    try {
      const built = (await build({ root, logLevel: "error", build: { write: false } })) as Rolldown.RolldownOutput;
      files = built.output.map((file) => ({
        name: file.fileName,
        content: file.type === "chunk" ? file.code : String(file.source),
      }));
    } finally {
      process.env["NODE_ENV"] = before;
    }
  }, 60_000);

  const weight = (ending: string) =>
    files
      .filter(({ name }) => name.endsWith(ending))
      .reduce((sum, { content }) => sum + gzipSync(content, { level: 9 }).byteLength, 0);

  it("keeps to its budget", () => {
    expect(weight(".js")).toBeGreaterThan(0);
    expect(weight(".js")).toBeLessThan(BUDGET.script);
    expect(weight(".css")).toBeLessThan(BUDGET.style);
  });

  it("needs no inline script and no inline style, so that a strict Content-Security-Policy holds", () => {
    const page = files.find(({ name }) => name === "index.html")?.content ?? "";
    expect(page.match(/<script\b/g)).toHaveLength(2);
    expect(page).not.toMatch(/<script\b(?![^>]*\bsrc=)/);
    expect(page).not.toMatch(/<style\b|\sstyle=|\son[a-z]+=|javascript:/);
  });

  it("loads nothing from another host", () => {
    const page = files.find(({ name }) => name === "index.html")?.content ?? "";
    expect(page).not.toMatch(/(?:src|href)="(?:https?:)?\/\//);
    const styles = files.filter(({ name }) => name.endsWith(".css")).map(({ content }) => content);
    expect(styles.join("\n")).not.toMatch(/url\(["']?(?:https?:)?\/\//);
  });
});
