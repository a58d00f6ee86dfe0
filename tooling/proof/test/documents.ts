import { existsSync, globSync } from "node:fs";
import { dirname, join } from "node:path";

/** One thing a document names that does not exist. */
export interface Untruth {
  readonly document: string;
  readonly names: string;
}

/** A path of this repository within backticks, which may end in a slash; not one with a placeholder or an ellipsis. */
const PATH = /`((?:apps|packages|tooling|docs|e2e|deploy|\.ci)\/[\w@./*-]*)`/g;
const LINK = /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g;
const SCRIPT = /\bnpm run ([\w:-]+)|\bnpm (start|test)\b/g;

/**
 * What a document says that is not so: links and paths that lead nowhere, npm scripts that do not exist.
 *
 * @param root the repository's root, absolute
 * @param document its path, relative to the root
 * @param scripts of the root's package.json
 */
export function untruths(root: string, document: string, text: string, scripts: readonly string[]): Untruth[] {
  const found: Untruth[] = [];
  const wrong = (names: string) => found.push({ document, names });
  for (const [, path = ""] of text.matchAll(PATH)) {
    if (globSync(path, { cwd: root }).length === 0) wrong(path);
  }
  for (const [, link = ""] of text.matchAll(LINK)) {
    if (!existsSync(join(root, dirname(document), link))) wrong(link);
  }
  for (const [command, named, short] of text.matchAll(SCRIPT)) {
    if (!scripts.includes(named ?? short ?? "")) wrong(command);
  }
  return found;
}

/** The paths in the second column of the tables `| promise | test |`. */
export function testsNamedIn(text: string): string[] {
  return text
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .flatMap((row) => [...(row.split("|")[2] ?? "").matchAll(/`([^`"]+\.test\.tsx?)[^`]*`/g)])
    .map(([, path = ""]) => path);
}
