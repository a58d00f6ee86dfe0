import { acquireBroker } from "@warren/broker";
import { runCampaign, type CampaignProgress } from "./campaign.ts";
import { readArguments, USAGE, type CampaignArguments } from "./options.ts";
import { tell } from "./report.ts";

/** Unit: milliseconds between two lines of progress where nobody watches a terminal. */
const LINE_EVERY_MS = 30_000;

const say = (line: string) => process.stdout.write(`${line}\n`);

async function run({ minutes, sabotage, only, ...rest }: CampaignArguments): Promise<boolean> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const broker = await acquireBroker({ say, signal: stop.signal });
  const vhost = await broker.createVhost("campaign");
  try {
    const report = await runCampaign({
      ...rest,
      broker,
      vhost,
      durationMs: minutes * 60_000,
      ...(sabotage === undefined ? {} : { sabotage }),
      ...(only === undefined ? {} : { only }),
      signal: stop.signal,
      say: (line) => say(`${process.stdout.isTTY ? "\r\u001B[K" : ""}${line}`),
      progress: showProgress(minutes * 60_000),
    });
    for (const line of tell(report)) say(line);
    return report.failures.length === 0;
  } finally {
    await vhost.remove().catch(() => {});
    await broker.release();
  }
}

function showProgress(durationMs: number): (now: CampaignProgress) => void {
  let nextMs = 0;
  return ({ elapsedMs, deliveries, acked, faults, active }) => {
    const line = `${clock(elapsedMs)} of ${clock(durationMs)}  ${deliveries.toLocaleString("en-US")} deliveries of ${acked.toLocaleString("en-US")} events, ${faults} faults${active.length > 0 ? `, now: ${active.join(", ")}` : ""}`;
    if (process.stdout.isTTY) {
      process.stdout.write(`\r\u001B[K${line.slice(0, process.stdout.columns - 1)}`);
    } else if (elapsedMs >= nextMs) {
      say(line);
      nextMs = elapsedMs + LINE_EVERY_MS;
    }
  };
}

function clock(ms: number): string {
  const seconds = Math.floor(ms / 1_000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

let options: CampaignArguments;
try {
  options = readArguments(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n\n${USAGE}\n`);
  process.exit(2);
}
process.exit((await run(options)) ? 0 : 1);
