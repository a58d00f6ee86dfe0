import { ConnectionRefused, createConnection, createPublisher } from "@warren/amqp";
import { createProgress, type ProgressStream } from "../progress.ts";
import { surveyFile } from "./lines.ts";
import { replay, type ReplayTotals } from "./replay.ts";

export interface ReplayCommand {
  path: string;
  amqpUrl: string;
  exchange: string | undefined;
  /** Unit: events per second. */
  rate: number;
  signal: AbortSignal;
  /** For progress and faults. */
  stderr: ProgressStream;
}

/** Unit: milliseconds. How long the broker may take to be there at the start. */
const CONNECT_TIMEOUT_MS = 10_000;
/** Unit: faults reported one by one; the rest is only counted. */
const MAX_REPORTED = 100;

/** What ends a replay before its first line, in one sentence. */
export class ReplayImpossible extends Error {
  override readonly name = "ReplayImpossible";
}

/** @throws ReplayImpossible the file cannot be read, or the broker cannot be reached within 10 s or refuses */
export async function replayFile(command: ReplayCommand): Promise<ReplayTotals> {
  const survey = await surveyFile(command.path).catch((error: unknown) => {
    throw new ReplayImpossible(`${command.path} cannot be read: ${String(error)}`, { cause: error });
  });
  const connection = createConnection({ url: command.amqpUrl, name: "warren-producer replay" });
  const publisher = createPublisher(connection);
  const progress = createProgress(command.stderr, survey.lines, "replay");
  let reported = 0;
  try {
    await connection.opened(AbortSignal.any([command.signal, AbortSignal.timeout(CONNECT_TIMEOUT_MS)]));
    const totals = await replay({
      ...command,
      fingerprint: survey.fingerprint,
      publisher,
      onLine: ({ confirmed, refused, faulty }) =>
        progress.update(confirmed + refused + faulty, `${confirmed} confirmed, ${refused} refused, ${faulty} faulty`),
      onFailure(line, reason) {
        if (++reported <= MAX_REPORTED) progress.say(`${command.path}:${line}: ${reason}`);
      },
    });
    if (reported > MAX_REPORTED) progress.say(`… and ${reported - MAX_REPORTED} more`);
    return totals;
  } catch (error) {
    if (connection.server !== undefined) throw error;
    const reason =
      error instanceof ConnectionRefused ? error.message : `No broker answered within ${CONNECT_TIMEOUT_MS / 1_000} s.`;
    throw new ReplayImpossible(reason, { cause: error });
  } finally {
    progress.stop();
    await publisher.close();
    await connection.close();
  }
}
