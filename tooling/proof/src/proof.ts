import type { Broker } from "@warren/broker";
import { readFile, rm } from "node:fs/promises";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { tallyOf, type Tally } from "./report.ts";
import { summarise, type SuiteResult } from "./summary.ts";
import { runTurbo, tasksOf, type TurboOptions, type TurboTask } from "./turbo.ts";

export interface ProofOptions extends TurboOptions {
  /** For turbo, such as `--filter=@warren/amqp`. */
  readonly args: readonly string[];
  readonly signal: AbortSignal;
  acquireBroker(): Promise<Pick<Broker, "toJSON" | "release">>;
  say(line: string): void;
}

/**
 * Both kinds of proof, one after the other, each suite to its end whatever became of the others; then the totals.
 * `test` needs no broker and may come from turbo's cache. `test:broker` is run afresh, against one broker, package by
 * package, because some tests stop it.
 *
 * @returns whether everything passed
 */
export async function prove(options: ProofOptions): Promise<boolean> {
  const suites = await tasksOf(["test", "test:broker"], options.args, options);
  // A report that is still there afterwards was written, or restored by turbo, in this run.
  await Promise.all(suites.map((suite) => rm(reportOf(options.root, suite), { force: true })));

  const results: SuiteResult[] = [];
  async function run(task: string, concurrency: number, env = options.env): Promise<void> {
    const own = suites.filter((suite) => suite.task === task);
    if (own.length === 0 || options.signal.aborted) return;
    const wanted = ["--continue=always", "--output-logs=new-only", `--concurrency=${concurrency}`];
    const exitCode = await runTurbo([task, ...unlessGiven(wanted, options.args), ...options.args], { ...options, env });
    const tallies = await Promise.all(own.map((suite) => tally(options.root, suite)));
    results.push(...own.map((suite, at) => ({ suite: `${suite.package} ${suite.task}`, tally: tallies[at]! })));
    if (exitCode !== 0 && tallies.every((one) => one.failed === 0)) {
      results.push({ suite: `turbo run ${task}`, tally: failure(`ended with ${exitCode}, its lines above say why`) });
    }
  }

  await run("test", availableParallelism());
  if (suites.some((suite) => suite.task === "test:broker") && !options.signal.aborted) {
    const broker = await options.acquireBroker();
    try {
      await run("test:broker", 1, { ...options.env, WARREN_TEST_BROKER: JSON.stringify(broker) });
    } finally {
      await broker.release();
    }
  }
  if (options.signal.aborted) results.push({ suite: "npm test", tally: failure("was stopped before its end") });
  if (suites.length === 0) results.push({ suite: "npm test", tally: failure("no suite is selected") });
  const summary = summarise(results);
  options.say(summary.text);
  return summary.failed === 0;
}

/** The options that the user has not set otherwise: turbo takes each only once. */
function unlessGiven(options: readonly string[], given: readonly string[]): string[] {
  const names = new Set(given.map((arg) => arg.split("=", 1)[0]));
  return options.filter((option) => !names.has(option.split("=", 1)[0]));
}

function reportOf(root: string, suite: TurboTask): string {
  return join(root, suite.directory, "reports", suite.task === "test" ? "test.json" : "broker.json");
}

/** A suite without a report failed, once: nobody knows what in it. */
async function tally(root: string, suite: TurboTask): Promise<Tally> {
  const path = reportOf(root, suite);
  try {
    return tallyOf(await readFile(path, "utf8"));
  } catch (error) {
    return failure(`no report (${error instanceof SyntaxError ? error.message : "it ended before it wrote one"})`);
  }
}

function failure(what: string): Tally {
  return { passed: 0, failed: 1, skipped: 0, failures: [what] };
}
