/** `npm run demo`: posts GitHub's example deliveries to a running producer, one after the other. */
import { ConfigError } from "@warren/service";
import { Command, InvalidArgumentError } from "commander";
import { loadDemoConfig, type DemoConfig } from "./config.ts";
import { demoDeliveries } from "./demo/deliveries.ts";
import { causeOf, postDelivery } from "./demo/post.ts";
import { createPace } from "./pace.ts";
import { createProgress } from "./progress.ts";

/** Unit: milliseconds. Longer than a broker takes to be restarted. */
const RETRY_FOR_MS = 60_000;
/** Unit: failures reported one by one; the rest is only counted. */
const MAX_REPORTED = 10;

const program = new Command("demo")
  .description("Posts the 329 example deliveries of @octokit/webhooks-examples to a running producer, signed.")
  .option("--rate <n>", "deliveries per second", above(0), 20)
  .option("--count <n>", "only the first n deliveries", above(0))
  .option("--no-retry", "count a 503 as failed instead of sending it again for up to 60 s")
  .parse();

try {
  process.exitCode = await demo(loadDemoConfig(), program.opts());
} catch (error) {
  if (!(error instanceof ConfigError)) throw error;
  console.error(error.message);
  process.exitCode = 1;
}

/** One at a time, each accepted or given up on before the next: so the order of acceptance is the order of the examples. */
async function demo(config: DemoConfig, options: { rate: number; count?: number; retry: boolean }): Promise<number> {
  const absent = await whyAbsent(config.producerUrl);
  if (absent !== undefined) {
    console.error(
      `No producer answers at ${config.producerUrl} (${absent}): run npm start first, or set PRODUCER_URL.`,
    );
    return 1;
  }
  const interrupt = new AbortController();
  // Not `once`: under npm a Ctrl-C arrives twice, and the second would end the process without its totals.
  process.on("SIGINT", () => interrupt.abort());
  const { signal } = interrupt;

  const deliveries = demoDeliveries().slice(0, options.count);
  const progress = createProgress(process.stderr, deliveries.length, "demo");
  const pace = createPace(options.rate, signal);
  let sent = 0;
  let confirmed = 0;
  let retries = 0;
  let gaveUp = false;
  const note = () => `${confirmed} confirmed, ${sent - confirmed} failed, ${retries} sent again`;
  for (const delivery of deliveries) {
    await pace();
    if (signal.aborted) break;
    const outcome = await postDelivery(delivery, {
      ...config,
      // What was down for a whole retry time is not waited for again, until it is back.
      retryForMs: options.retry && !gaveUp ? RETRY_FOR_MS : 0,
      signal,
      onRetry(reason) {
        retries++;
        progress.update(sent, `${note()}: ${reason}`);
      },
    });
    sent++;
    if (outcome.ok) confirmed++;
    else if (sent - confirmed <= MAX_REPORTED) progress.say(`${delivery.event}, delivery ${sent}: ${outcome.reason}`);
    gaveUp = !outcome.ok && outcome.retryable;
    progress.update(sent, note());
  }
  progress.stop();
  console.log(`${sent} sent, ${confirmed} confirmed, ${sent - confirmed} failed`);
  return confirmed === deliveries.length ? 0 : 1;
}

async function whyAbsent(producerUrl: string): Promise<string | undefined> {
  try {
    const response = await fetch(new URL("/healthz", producerUrl), { signal: AbortSignal.timeout(5_000) });
    return response.ok ? undefined : `/healthz says ${response.status}`;
  } catch (error) {
    return causeOf(error);
  }
}

function above(least: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!(value > least)) throw new InvalidArgumentError(`expected a number above ${least}`);
    return value;
  };
}
