import { acquireBroker } from "@warren/broker";
import { fileURLToPath } from "node:url";
import { prove } from "./proof.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const stop = new AbortController();

// A Ctrl-C reaches turbo from the terminal too; whoever only signals this process has turbo ended by it. The broker is
// released either way.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
  process.on(signal, () => stop.abort(new Error(signal)));
}

try {
  const passed = await prove({
    root,
    env: process.env,
    args: process.argv.slice(2),
    signal: stop.signal,
    acquireBroker: () => acquireBroker({ env: process.env, say, signal: stop.signal }),
    say,
  });
  process.exit(passed ? 0 : 1);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
