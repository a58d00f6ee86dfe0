#!/usr/bin/env node
import { ConnectionRefused } from "@warren/amqp";
import { ConfigError } from "@warren/service";
import { Command, InvalidArgumentError } from "commander";
import { loadReplayConfig } from "./config.ts";
import { ReplayImpossible, replayFile } from "./replay/command.ts";

const program = new Command("warren-producer").description("Publishes events on RabbitMQ exchanges.");

program
  .command("replay")
  .description("Publish each line of a JSONL file: { topic, type?, id?, headers?, data, exchange? }.")
  .argument("<file>", "the file")
  .option("--rate <n>", "events per second (default: as fast as the broker confirms)", positiveNumber, Infinity)
  .option("--exchange <name>", "for lines that name none")
  .option("--url <amqp-url>", "the broker (default: AMQP_URL, else a local one)")
  .action(async (path: string, options: { rate: number; exchange?: string; url?: string }) => {
    const interrupt = new AbortController();
    // Not `once`: under npm a Ctrl-C arrives twice, and the second would end the process without its totals.
    for (const name of ["SIGINT", "SIGTERM"]) process.on(name, () => interrupt.abort());
    const amqpUrl = options.url ?? loadReplayConfig().amqpUrl;
    const { signal } = interrupt;
    const { exchange, rate } = options;
    const totals = await replayFile({ path, amqpUrl, exchange, rate, signal, stderr: process.stderr });
    const { confirmed, refused, faulty, line } = totals;
    console.log(`${confirmed} confirmed, ${refused} refused, ${faulty} faulty`);
    if (signal.aborted) console.log(`interrupted after line ${line}: run it again, ids stay the same`);
    process.exitCode = refused + faulty > 0 || signal.aborted ? 1 : 0;
  });

try {
  await program.parseAsync();
} catch (error) {
  const foreseen =
    error instanceof ReplayImpossible || error instanceof ConfigError || error instanceof ConnectionRefused;
  console.error(foreseen ? `warren-producer: ${error.message}` : error);
  process.exitCode = 1;
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (!(value > 0)) throw new InvalidArgumentError("expected a number above 0");
  return value;
}
