import { Command, InvalidArgumentError } from "commander";
import { CHECKS, UNPROVABLE } from "./checks/index.ts";
import { resultLine, totalLine } from "./report.ts";
import { runConformance, Unreachable } from "./run.ts";

interface Flags {
  readonly namespace: string;
  readonly only: string[];
  readonly timeout: number;
  readonly slow: boolean;
  readonly json: boolean;
  readonly list: boolean;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

const program = new Command("warren-conformance")
  .description("Tries every promise of the Warren protocol on a gateway, through plain Socket.IO clients.")
  .argument("[url]", "the gateway, such as http://127.0.0.1:3000")
  .option("--namespace <name>", "in which anonymous clients may publish and subscribe", "/chat")
  .option("--only <name>", "run this check; may be given again", (name, names: string[]) => [...names, name], [])
  .option("--timeout <ms>", "how long a check waits for any one thing", milliseconds, 10_000)
  .option("--slow", "also what takes more than ten seconds", false)
  .option("--json", "one JSON report in place of lines", false)
  .option("--list", "name the checks and run none", false)
  .action(async (url: string | undefined, flags: Flags) => {
    if (flags.list) return list();
    if (url === undefined) return program.error("error: missing required argument 'url'", { exitCode: 2 });
    const report = await runConformance(url, {
      namespace: flags.namespace,
      timeoutMs: flags.timeout,
      slow: flags.slow,
      ...(flags.only.length > 0 ? { only: flags.only } : {}),
      onResult: (result) => {
        if (!flags.json) say(resultLine(result));
      },
    });
    say(flags.json ? JSON.stringify(report, null, 2) : totalLine(report));
    process.exitCode = report.failed > 0 ? 1 : 0;
  });

try {
  await program.parseAsync();
} catch (error) {
  const foreseen = error instanceof Unreachable || error instanceof RangeError;
  process.stderr.write(`warren-conformance: ${foreseen ? error.message : String((error as Error).stack ?? error)}\n`);
  process.exitCode = 2;
}

function list(): void {
  for (const { name, promise } of [...CHECKS, ...UNPROVABLE]) say(`${name}: ${promise}`);
}

function milliseconds(text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new InvalidArgumentError("expected a whole number of milliseconds");
  return value;
}
