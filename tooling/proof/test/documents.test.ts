import { existsSync, globSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { testsNamedIn, untruths } from "./documents.ts";

const root = join(import.meta.dirname, "..", "..", "..");
const documents = globSync(["*.md", "docs/**/*.md", "{apps,packages,tooling}/*/README.md", "e2e/README.md"], {
  cwd: root,
});

async function scriptsOf(path: string): Promise<string[]> {
  const manifest: { scripts?: Record<string, string> } = JSON.parse(await readFile(path, "utf8"));
  return Object.keys(manifest.scripts ?? {});
}

test("the documents are found", () => {
  expect(documents).toEqual(
    expect.arrayContaining(["README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/glossary.md"]),
  );
});

test.each(documents)("%s names only paths, links and scripts that exist", async (document) => {
  const text = await readFile(join(root, document), "utf8");
  const own = join(root, document, "..", "package.json");
  const scripts = [...(await scriptsOf(join(root, "package.json"))), ...(existsSync(own) ? await scriptsOf(own) : [])];
  expect(untruths(root, document, text, scripts)).toEqual([]);
});

test.each(documents)("every test that a table of %s names exists", async (document) => {
  const text = await readFile(join(root, document), "utf8");
  const folders = [root, join(root, document, "..")];
  const missing = testsNamedIn(text).filter((path) => !folders.some((folder) => existsSync(join(folder, path))));
  expect(missing).toEqual([]);
});

test("the README's tree has every app and every package", async () => {
  const text = await readFile(join(root, "README.md"), "utf8");
  const folders = globSync("{apps,packages}/*/package.json", { cwd: root }).map((path) => path.split("/")[1]);
  expect(folders.filter((folder) => !text.includes(`\n  ${folder}/ `))).toEqual([]);
});

test("the plain client of the README is the one that is tested", async () => {
  const example = await readFile(join(root, "packages/client/examples/plain.mjs"), "utf8");
  expect(await readFile(join(root, "README.md"), "utf8")).toContain(`\`\`\`js\n${example.trim()}\n\`\`\``);
});

test("what is not so is found", () => {
  const text = "`apps/nowhere/src` [there](docs/nowhere.md) `npm run nonsense` and `npm start`";
  expect(untruths(root, "README.md", text, ["start"]).map((untruth) => untruth.names)).toEqual([
    "apps/nowhere/src",
    "docs/nowhere.md",
    "npm run nonsense",
  ]);
  expect(testsNamedIn('| a promise | `e2e/test/x.test.ts` "its title", `b.test.ts` |\n| - | - |')).toEqual([
    "e2e/test/x.test.ts",
    "b.test.ts",
  ]);
});
