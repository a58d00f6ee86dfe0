import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { prove } from "../src/proof.ts";

const repository = join(import.meta.dirname, "..", "..", "..");

/** What a suite of the trial does: a script that may write `reports/<kind>.json`, as vitest would. */
interface Suites {
  test?: string;
  broker?: string;
}

const writesReport = (kind: string, passed: number, failed = 0) => `
  const results = [...Array(${passed}).fill("passed"), ...Array(${failed}).fill("failed")];
  const assertionResults = results.map((status, at) => ({ status, fullName: "promise " + at }));
  const file = { name: "x.test.ts", status: "${failed > 0 ? "failed" : "passed"}", assertionResults };
  const report = { success: ${failed === 0}, testResults: [file] };
  require("node:fs").mkdirSync("reports", { recursive: true });
  require("node:fs").writeFileSync("reports/${kind}.json", JSON.stringify(report));
  process.exitCode = ${failed > 0 ? 1 : 0};`;

/** A repository of its own with this one's turbo.json and one package, `@warren/e2e`. */
async function createTrial(suites: Suites) {
  const root = await mkdtemp(join(tmpdir(), "warren-proof-"));
  const { packageManager } = JSON.parse(await readFile(join(repository, "package.json"), "utf8")) as {
    packageManager: string;
  };
  const put = (path: string, content: object | string) =>
    writeFile(join(root, path), typeof content === "string" ? content : JSON.stringify(content));
  await symlink(join(repository, "node_modules"), join(root, "node_modules"));
  await copyFile(join(repository, "turbo.json"), join(root, "turbo.json"));
  await put("package.json", { name: "trial", packageManager, workspaces: ["e2e", "console"] });
  await put(".gitignore", await readFile(join(repository, ".gitignore"), "utf8"));
  await put("package-lock.json", { name: "trial", lockfileVersion: 3, packages: {} });
  await mkdir(join(root, "console"));
  await put("console/package.json", { name: "@warren/console", version: "0.0.0", scripts: { build: "node -e 0" } });
  await mkdir(join(root, "e2e", "reports"), { recursive: true });
  const scripts: Record<string, string> = {};
  for (const [kind, script] of Object.entries(suites)) {
    await put(`e2e/${kind}.cjs`, script);
    scripts[kind === "test" ? "test" : "test:broker"] = `node ${kind}.cjs`;
  }
  await put("e2e/package.json", { name: "@warren/e2e", version: "0.0.0", scripts });

  const said: string[] = [];
  const acts: string[] = [];
  return {
    root,
    said,
    acts,
    lastLine: () => said.join("\n").split("\n").at(-1),
    prove: (args: string[] = []) =>
      prove({
        root,
        env: process.env,
        args: ["--output-logs=none", ...args],
        signal: new AbortController().signal,
        acquireBroker: () => {
          acts.push("acquired");
          return Promise.resolve({
            toJSON: () => ({ hello: "broker" }) as never,
            release: async () => void acts.push("released"),
          });
        },
        say: (line) => said.push(line),
      }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  };
}

test("both kinds of proof run, the second against one broker that is released, and add up", async () => {
  await using trial = await createTrial({ test: writesReport("test", 2), broker: writesReport("broker", 3) });
  expect(await trial.prove()).toBe(true);
  expect(trial.lastLine()).toBe("5 passed, 0 failed");
  expect(trial.acts).toEqual(["acquired", "released"]);
});

test("a suite that fails keeps no other from running, and fails the whole", async () => {
  await using trial = await createTrial({ test: writesReport("test", 1, 1), broker: writesReport("broker", 3) });
  expect(await trial.prove()).toBe(false);
  expect(trial.lastLine()).toBe("4 passed, 1 failed");
});

test("a suite that wrote no report fails, whatever an older report says", async () => {
  await using trial = await createTrial({ test: writesReport("test", 2), broker: "process.exitCode = 0;" });
  await writeFile(
    join(trial.root, "e2e", "reports", "broker.json"),
    JSON.stringify({ success: true, testResults: [] }),
  );
  expect(await trial.prove()).toBe(false);
  expect(trial.said.join("\n")).toContain("@warren/e2e test:broker: no report");
  expect(trial.lastLine()).toBe("2 passed, 1 failed");
});

test("a suite that turbo had cached counts as when it ran", async () => {
  const suite = `require("node:fs").appendFileSync("../runs", "ran ");${writesReport("test", 2)}`;
  await using trial = await createTrial({ test: suite });
  expect(await trial.prove()).toBe(true);
  expect(await trial.prove()).toBe(true);
  expect(await readFile(join(trial.root, "runs"), "utf8")).toBe("ran ");
  expect(trial.lastLine()).toBe("2 passed, 0 failed");
  expect(trial.acts).toEqual([]);
});

test("the suites get the broker, and what a process needs of the environment", async () => {
  await using trial = await createTrial({
    broker: `
      const missing = ["WARREN_TEST_BROKER", "PATH", "HOME"].filter((name) => !process.env[name]);
      if (missing.length > 0 || JSON.parse(process.env.WARREN_TEST_BROKER).hello !== "broker") {
        require("node:fs").writeFileSync("missing", missing.join());
        process.exit(1);
      }
      ${writesReport("broker", 1)}`,
  });
  expect(await trial.prove()).toBe(true);
  expect(trial.lastLine()).toBe("1 passed, 0 failed");
});

test("a filter that selects nothing is a failure, not a pass", async () => {
  await using trial = await createTrial({ test: writesReport("test", 1) });
  expect(await trial.prove(["--filter=@warren/console"])).toBe(false);
  expect(trial.lastLine()).toBe("0 passed, 1 failed");
});
