import type { Publications } from "./load/publication.ts";
import type { LogName } from "./load/scenery.ts";
import { COMPLAINTS, type Complaint } from "./oracle/ledger.ts";
import type { LogCopy } from "./oracle/log-copy.ts";

/** Unit: milliseconds before a log's deletion in which an ack may be for an event that went with it, unread. */
const LAST_MOMENT_MS = 5_000;

export interface Judged {
  readonly complaints: Readonly<Record<Complaint, number>>;
  readonly allowDuplicateIds: boolean;
  readonly publications: Publications;
  /** Publications that were never acked, though their publisher insisted to the end. */
  readonly unacked: number;
  readonly copies: Readonly<Record<LogName, LogCopy>>;
  /** What the second reading of the logs found to be another than the first. */
  readonly differences: readonly string[];
  readonly deaths: readonly string[];
  readonly troubles: readonly string[];
  readonly stragglers: readonly string[];
}

/** Every reason to fail, a sentence each. */
export function judge(judged: Judged): string[] {
  const { complaints, allowDuplicateIds, publications, unacked, copies, differences, deaths, troubles, stragglers } =
    judged;
  const failures = (Object.keys(COMPLAINTS) as Complaint[])
    .filter((name) => complaints[name] > 0 && !(name === "idRepeat" && allowDuplicateIds))
    .map((name) => `${complaints[name]} ${COMPLAINTS[name]}`);
  for (const log of ["main", "brief"] as const) {
    const lost = publications
      .missing(log, (number) => copies[log].holds(number))
      .filter(({ ackedMs }) => !wentWithTheLog(copies[log], ackedMs));
    if (lost.length > 0) failures.push(`${lost.length} acked publications are not in log ${log}: ${numbers(lost)}`);
  }
  if (unacked > 0)
    failures.push(`${unacked} publications were never acked, though everything was well for long enough`);
  if (differences.length > 0) failures.push(`the log read again is another: ${differences.slice(0, 10).join(", ")}`);
  if (stragglers.length > 0) failures.push(`in the end these had not everything in time: ${stragglers.join(", ")}`);
  return [...failures, ...deaths, ...troubles];
}

function wentWithTheLog({ mayLose, endedMs, lives }: LogCopy, ackedMs: number): boolean {
  if (!mayLose) return false;
  return (
    endedMs.some((ended) => Math.abs(ended - ackedMs) < LAST_MOMENT_MS) || lives.some(({ unseen }) => unseen.length > 0)
  );
}

function numbers(lost: readonly { number: number; ackedMs: number }[]): string {
  return lost
    .slice(0, 10)
    .map(({ number, ackedMs }) => `${number} (acked at ${ackedMs} ms)`)
    .join(", ");
}
