import { acquireBroker } from "@warren/broker";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadConfig, StackRefused, type StackConfig } from "./config.ts";
import { buildPage, PageBuildFailed } from "./page.ts";
import { createStack } from "./stack.ts";
import { onParentGone, onStopSignals } from "./stop-signals.ts";
import { createTerminal } from "./terminal.ts";

/** Unit: milliseconds. A broker that will not be released is left to its own end after a second signal. */
const FORCED_RELEASE_MS = 5_000;

const root = fileURLToPath(new URL("../../../", import.meta.url));

try {
  await runStack(loadConfig(process.env, root));
  process.exit(0);
} catch (error) {
  for (const line of sentencesOf(error)) process.stderr.write(`${line}\n`);
  process.exit(1);
}

async function runStack(config: StackConfig): Promise<void> {
  const terminal = createTerminal([...config.apps.map((app) => app.name), "broker", "page"]);
  const stack = createStack(config, {
    terminal,
    acquireBroker: (options) =>
      acquireBroker({ ...options, env: process.env, dataDir: join(root, ".warren", "broker") }),
    buildPage: (options) => buildPage({ ...options, root, env: process.env }),
  });
  onStopSignals(process, {
    stop(signal) {
      terminal.tell(`${signal}: stopping everything; a second one forces it`);
      stack.stop();
    },
    force(signal) {
      terminal.tell(`${signal}: forced`);
      stack.kill();
      setTimeout(() => process.exit(1), FORCED_RELEASE_MS);
    },
  });
  onParentGone(() => stack.stop());
  await stack.run();
}

/** A fault of the user's is a sentence; only what nobody foresaw is worth a stack. */
function sentencesOf(error: unknown): readonly string[] {
  if (error instanceof StackRefused) return error.faults;
  if (error instanceof PageBuildFailed) return [...error.output, error.message];
  return [error instanceof Error ? error.message : String(error)];
}
