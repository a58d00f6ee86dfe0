/** Has a broker, prints its URLs, and keeps it until Ctrl-C. */
import { acquireBroker } from "./acquire.ts";
import { BrokerError } from "./errors.ts";

const stop = new AbortController();
for (const name of ["SIGINT", "SIGTERM"] as const) process.once(name, () => stop.abort());
const say = (line: string) => process.stderr.write(`${line}\n`);

try {
  const broker = await acquireBroker({ say, signal: stop.signal });
  process.stdout.write(`AMQP_URL=${broker.amqpUrl}\nWARREN_MANAGEMENT_URL=${broker.managementUrl}\n`);
  process.stdout.write(`WARREN_TEST_BROKER='${JSON.stringify(broker)}'\n`);
  say("Ctrl-C ends it");
  // A broker that is not ours needs nothing of this process, and a keeper does not keep it alive.
  const alive = setInterval(() => {}, 60_000);
  if (!stop.signal.aborted)
    await new Promise((resolve) => stop.signal.addEventListener("abort", resolve, { once: true }));
  clearInterval(alive);
  await broker.release();
} catch (error) {
  if (!stop.signal.aborted) {
    say(error instanceof BrokerError ? `${error.code}: ${error.message}` : String(error));
    process.exitCode = 1;
  }
}
