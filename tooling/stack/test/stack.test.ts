import { once } from "node:events";
import { copyFile, mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { expect, test } from "vitest";
import { loadConfig, type StackConfig } from "../src/config.ts";
import { createStack, type StackParts } from "../src/stack.ts";
import type { Terminal } from "../src/terminal.ts";
import { expectGone, freePort, isAlive, temporaryFolder } from "./processes.ts";

/** A temporary repository with two fake apps, and everything that happens in it. */
interface Trial extends AsyncDisposable {
  config: StackConfig;
  folder: string;
  lines: string[];
  parts: StackParts;
  makeReady(app: string): Promise<void>;
  /** What happened to the apps, and the broker's release, in order; without the pids. */
  journal(): Promise<string[]>;
  /** The pids of every process that was ever started. */
  pids(): Promise<number[]>;
}

async function createTrial(): Promise<Trial> {
  const folder = await temporaryFolder();
  const journalFile = join(folder.path, "journal");
  await writeFile(journalFile, "");
  await writeFile(join(folder.path, "gateway.yaml"), "");
  for (const app of ["gateway", "producer"]) {
    const source = join(folder.path, "apps", app, "src");
    await mkdir(source, { recursive: true });
    await copyFile(join(import.meta.dirname, "fixtures", "fake-app.ts"), join(source, "main.ts"));
  }
  const env = {
    ...process.env,
    FAKE_DIR: folder.path,
    GATEWAY_PORT: String(await freePort()),
    PRODUCER_PORT: String(await freePort()),
  };
  const lines: string[] = [];
  const terminal: Terminal = {
    say: (speaker, line) => lines.push(`${speaker}: ${line}`),
    tell: (line) => lines.push(...line.split("\n")),
    paint: (_colour, text) => text,
  };
  const entries = async () => (await readFile(journalFile, "utf8")).split("\n").filter((line) => line !== "");
  const pids = async () => (await entries()).flatMap((line) => line.match(/(?<=started )\d+/)?.map(Number) ?? []);
  return {
    config: loadConfig(env, folder.path),
    folder: folder.path,
    lines,
    makeReady: (app) => writeFile(join(folder.path, `${app}.ready`), ""),
    journal: async () => (await entries()).map((line) => line.replace(/ \d+$/, "")),
    pids,
    parts: {
      terminal,
      buildPage: () => Promise.resolve(),
      acquireBroker: () =>
        Promise.resolve({
          kind: "url",
          amqpUrl: "amqp://broker.test",
          faults: { start: () => Promise.reject(new Error("not this one's to start")) },
          managementUrl: "http://management.test/",
          username: "rabbit",
          password: "hole",
          release: async () => writeFile(journalFile, "broker released\n", { flag: "a" }),
        }),
    },
    async [Symbol.asyncDispose]() {
      await expectGone(...(await pids()));
      await folder[Symbol.asyncDispose]();
    },
  };
}

/** Unit: milliseconds. Two Node processes have to come up on a busy machine. */
const UP = { timeout: 20_000 };

test("ready is said once, with what to open, when every readyz is true and not before", UP, async () => {
  await using trial = await createTrial();
  const stack = createStack(trial.config, trial.parts);
  const run = stack.run();
  const saysReady = () => trial.lines.filter((line) => line.startsWith("ready")).length;

  await trial.makeReady("producer");
  await expect.poll(() => trial.lines.filter((line) => line.includes("broker at")).length, UP).toBe(2);
  expect(saysReady()).toBe(0);
  await trial.makeReady("gateway");
  await expect.poll(saysReady, UP).toBe(1);
  const shown = trial.lines.join("\n");
  for (const app of trial.config.apps) expect(shown).toContain(`http://localhost:${app.port}/`);
  expect(shown).toContain("http://management.test/");
  expect(shown).toContain("GITHUB_WEBHOOK_SECRET=warren-demo");
  expect(shown).toContain("broker at amqp://broker.test");

  stack.stop();
  await run;
});

test("stopping drains the apps in reverse order, then releases the broker, and leaves no process", UP, async () => {
  await using trial = await createTrial();
  for (const app of trial.config.apps) await trial.makeReady(app.name);
  const stack = createStack(trial.config, trial.parts);
  const run = stack.run();
  await expect.poll(() => trial.lines.some((line) => line.startsWith("ready")), UP).toBe(true);
  stack.stop();
  await run;
  expect((await trial.journal()).slice(-3)).toEqual(["producer drained", "gateway drained", "broker released"]);
  expect((await trial.pids()).filter(isAlive)).toEqual([]);
});

test("an app that is killed is started again and said to be ready again", UP, async () => {
  await using trial = await createTrial();
  for (const app of trial.config.apps) await trial.makeReady(app.name);
  const stack = createStack(trial.config, trial.parts);
  const run = stack.run();
  await expect.poll(() => trial.lines.some((line) => line.startsWith("ready")), UP).toBe(true);
  for (const pid of await trial.pids()) process.kill(pid, "SIGKILL");
  await expect
    .poll(() => trial.lines.filter((line) => line.endsWith(": ready again")).sort(), UP)
    .toEqual(["gateway: ready again", "producer: ready again"]);
  expect(trial.lines).toContain("gateway: ended (SIGKILL); starts again in 250 ms");
  stack.stop();
  await run;
});

test("an app that never comes up ends the stack by its name, with everything stopped", UP, async () => {
  await using trial = await createTrial();
  await writeFile(join(trial.folder, "producer.broken"), "");
  const stack = createStack(trial.config, trial.parts);
  await expect(stack.run()).rejects.toThrow("the producer ended 3 times before it was ready (exit code 1)");
  expect(trial.lines).toContain("producer: producer: SOME_SETTING: missing");
  expect((await trial.journal()).slice(-2)).toEqual(["gateway drained", "broker released"]);
});

test("ports that are taken are told all at once, before anything starts", async () => {
  await using trial = await createTrial();
  const [gateway, producer] = trial.config.apps;
  const rivals = [createServer().listen(gateway!.port), createServer().listen(producer!.port, "127.0.0.1")];
  await Promise.all(rivals.map((rival) => once(rival, "listening")));
  const stack = createStack(trial.config, {
    ...trial.parts,
    acquireBroker: () => Promise.reject(new Error("the broker was asked for")),
  });
  await expect(stack.run()).rejects.toMatchObject({
    faults: [
      expect.stringMatching(
        `^port ${gateway!.port} is taken \\(GATEWAY_PORT\\): stop what listens there, or start with GATEWAY_PORT=\\d+ npm start$`,
      ),
      expect.stringContaining("PRODUCER_PORT"),
    ],
  });
  for (const rival of rivals) rival.close();
  expect(await trial.journal()).toEqual([]);
});

test("a broker that cannot be had is told in its own words, and the page is given up", async () => {
  await using trial = await createTrial();
  const { promise: pageGivenUp, resolve } = Promise.withResolvers<string>();
  const stack = createStack(trial.config, {
    ...trial.parts,
    acquireBroker: () => Promise.reject(new Error("no broker can be had: four ways")),
    buildPage: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => {
          resolve("given up");
          reject(new Error("aborted"));
        });
      }),
  });
  await expect(stack.run()).rejects.toThrow("no broker can be had: four ways");
  expect(await pageGivenUp).toBe("given up");
  expect(await trial.journal()).toEqual([]);
});

test("a page that cannot be built gives the broker back", async () => {
  await using trial = await createTrial();
  const stack = createStack(trial.config, { ...trial.parts, buildPage: () => Promise.reject(new Error("no page")) });
  await expect(stack.run()).rejects.toThrow("no page");
  expect(await trial.journal()).toEqual(["broker released"]);
});

test("stopping while the broker is still sought ends without an error", async () => {
  await using trial = await createTrial();
  const asked = Promise.withResolvers<undefined>();
  const stack = createStack(trial.config, {
    ...trial.parts,
    acquireBroker: ({ signal }) =>
      new Promise((_resolve, reject) => {
        signal.addEventListener("abort", () => reject(new Error("aborted")));
        asked.resolve(undefined);
      }),
  });
  const run = stack.run();
  await asked.promise;
  stack.stop();
  await expect(run).resolves.toBeUndefined();
});

test("a kill ends the apps without a drain and still releases the broker", UP, async () => {
  await using trial = await createTrial();
  for (const app of trial.config.apps) await trial.makeReady(app.name);
  const stack = createStack(trial.config, trial.parts);
  const run = stack.run();
  await expect.poll(() => trial.lines.some((line) => line.startsWith("ready")), UP).toBe(true);
  stack.stop();
  stack.kill();
  await run;
  expect((await trial.journal()).at(-1)).toBe("broker released");
  expect((await trial.pids()).filter(isAlive)).toEqual([]);
});
