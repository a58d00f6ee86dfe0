import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, expect, test } from "vitest";
import { createSupervisor, type Death, type Supervisor, type SupervisorOptions } from "../src/supervisor.ts";
import { expectGone, isAlive, temporaryFolder } from "./processes.ts";

const fixtures = join(import.meta.dirname, "fixtures");
const supervisors: Supervisor[] = [];

afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) await supervisor.kill();
});

function supervise(nodeArguments: string[], options: Partial<SupervisorOptions> = {}) {
  const lines: string[] = [];
  const deaths: Death[] = [];
  const supervisor = createSupervisor({
    name: "child",
    nodeArguments,
    cwd: fixtures,
    env: process.env,
    onLine: (line) => lines.push(line),
    onDeath: (death) => deaths.push(death),
    backoff: { initialMs: 10, maxMs: 35 },
    ...options,
  });
  supervisors.push(supervisor);
  return { supervisor, lines, deaths };
}

test("a process that dies is started again, and its death is told", async () => {
  await using folder = await temporaryFolder();
  const { supervisor, lines, deaths } = supervise(["loyal.ts", join(folder.path, "journal")]);
  supervisor.start();
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1);
  process.kill(Number(lines[0]), "SIGKILL");

  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(2);
  expect(lines[1]).not.toBe(lines[0]);
  expect(deaths).toEqual([{ how: "SIGKILL", inARow: 1, restartInMs: 10 }]);
  expect(supervisor.state).toBe("running");
});

test("the wait doubles with each death in a row, up to its bound", async () => {
  const { supervisor, deaths } = supervise(["-e", "process.exit(3)"]);
  supervisor.start();
  await expect.poll(() => deaths.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(4);
  expect(deaths.slice(0, 4)).toEqual([
    { how: "exit code 3", inARow: 1, restartInMs: 10 },
    { how: "exit code 3", inARow: 2, restartInMs: 20 },
    { how: "exit code 3", inARow: 3, restartInMs: 35 },
    { how: "exit code 3", inARow: 4, restartInMs: 35 },
  ]);
});

test("a process that ran long enough begins its backoff anew", async () => {
  const { supervisor, deaths } = supervise(["-e", "process.exit(3)"], { steadyAfterMs: 0 });
  supervisor.start();
  await expect.poll(() => deaths.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(3);
  expect(deaths.every((death) => death.inARow === 1 && death.restartInMs === 10)).toBe(true);
});

test("a stopped process has drained, and is not started again", async () => {
  await using folder = await temporaryFolder();
  const journal = join(folder.path, "journal");
  const { supervisor, lines, deaths } = supervise(["loyal.ts", journal]);
  supervisor.start();
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1);
  await supervisor.stop();
  expect(await readFile(journal, "utf8")).toBe("drained");
  expect(isAlive(Number(lines[0]))).toBe(false);
  expect(supervisor.state).toBe("stopped");
  expect(deaths).toEqual([]);
});

test("a process that is waited for is not started after stop", async () => {
  const { supervisor, deaths } = supervise(["-e", "process.exit(3)"], {
    backoff: { initialMs: 60_000, maxMs: 60_000 },
  });
  supervisor.start();
  await expect.poll(() => supervisor.state, { timeout: 10_000 }).toBe("waiting");
  await supervisor.stop();
  expect(supervisor.state).toBe("stopped");
  expect(deaths.length).toBe(1);
});

test("a process that ignores SIGTERM is killed after its time, with all that it started", async () => {
  const { supervisor, lines } = supervise(["stubborn.ts"], { closeTimeoutMs: 100 });
  supervisor.start();
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1);
  await supervisor.stop();
  await expectGone(...lines[0]!.split(" ").map(Number));
});

test("a killed process leaves nothing that it started", async () => {
  const { supervisor, lines } = supervise(["stubborn.ts"]);
  supervisor.start();
  await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(1);
  await supervisor.kill();
  await expectGone(...lines[0]!.split(" ").map(Number));
});

test("a process that cannot be started is told of, and tried again", async () => {
  const { supervisor, deaths } = supervise(["-e", ""], { cwd: join(fixtures, "no-such-folder") });
  supervisor.start();
  await expect.poll(() => deaths.length, { timeout: 10_000 }).toBeGreaterThanOrEqual(2);
  expect(deaths[0]!.how).toContain("ENOENT");
});

test("a stack that is killed with SIGKILL takes its processes with it, drained", async () => {
  await using folder = await temporaryFolder();
  const journal = join(folder.path, "journal");
  const stack = spawn(process.execPath, [join(fixtures, "supervising.ts"), join(fixtures, "loyal.ts"), journal], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const gone = once(stack, "exit");
  const [pid] = await once(createInterface({ input: stack.stdout }), "line");
  expect(isAlive(Number(pid))).toBe(true);
  stack.kill("SIGKILL");
  await gone;
  await expectGone(Number(pid));
  expect(await readFile(journal, "utf8")).toBe("drained");
});
