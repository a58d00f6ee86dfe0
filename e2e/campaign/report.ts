import type { CampaignClient } from "./clients/client.ts";
import { SdkClient } from "./clients/sdk.ts";
import type { FaultRecord } from "./faults/schedule.ts";
import { COMPLAINTS, type Complaint, type Finding } from "./oracle/ledger.ts";
import type { LogCopy } from "./oracle/log-copy.ts";

/** What a campaign found. */
export interface CampaignReport {
  readonly seed: number;
  readonly broker: string;
  readonly durationMs: number;
  readonly clients: number;
  readonly deliveries: number;
  readonly published: {
    readonly made: number;
    readonly acked: number;
    readonly retries: number;
    readonly unknown: number;
  };
  readonly logs: readonly {
    readonly name: string;
    readonly records: number;
    readonly copies: number;
    readonly lost: number;
    readonly lives: number;
  }[];
  readonly gaps: { readonly announced: number; readonly events: number };
  /** Seen, and no fault: what the SDK dropped, how often it resumed by itself, and what no auditor could check. */
  readonly seen: { readonly repeats: number; readonly healings: number; readonly unverified: number };
  readonly complaints: Readonly<Record<Complaint, number>>;
  readonly faults: readonly FaultRecord[];
  readonly unavailable: ReadonlyMap<string, string>;
  /** Why it failed, a sentence each; none: it passed. */
  readonly failures: readonly string[];
  /** Where the evidence is, of a campaign that failed. */
  evidenceFile?: string;
}

/** What the clients say, added up. */
export function countClients(
  clients: readonly CampaignClient[],
): Pick<CampaignReport, "deliveries" | "gaps" | "seen" | "complaints"> {
  const complaints = Object.fromEntries(Object.keys(COMPLAINTS).map((name) => [name, 0])) as Record<Complaint, number>;
  const gaps = { announced: 0, events: 0 };
  const seen = { repeats: 0, healings: 0, unverified: 0 };
  let deliveries = 0;
  for (const client of clients) {
    const { ledger } = client;
    for (const name of Object.keys(COMPLAINTS) as Complaint[]) complaints[name] += ledger.counts[name];
    deliveries += ledger.deliveries;
    gaps.announced += ledger.gaps;
    gaps.events += ledger.excusedEvents;
    seen.unverified += ledger.unverified;
    if (!(client instanceof SdkClient)) continue;
    seen.repeats += client.stats.repeats;
    seen.healings += client.stats.healings;
  }
  return { deliveries, gaps, seen, complaints };
}

export function countLog({ name, records, copies, lost, lives }: LogCopy): CampaignReport["logs"][number] {
  return { name, records, copies, lost, lives: lives.length };
}

/** The report as lines for people. */
export function tell(report: CampaignReport): string[] {
  const { seed, broker, durationMs, clients, published, gaps, seen, complaints, faults, failures } = report;
  const number = (value: number) => value.toLocaleString("en-US");
  return [
    "",
    `campaign, seed ${seed}, ${broker}: ${Math.round(durationMs / 1_000)} s, ${clients} clients`,
    `  deliveries      ${number(report.deliveries)}`,
    `  published       ${number(published.made)}, acked ${number(published.acked)}, sent again ${number(published.retries)} times, fate unknown ${number(published.unknown)}`,
    ...report.logs.map(
      ({ name, records, copies, lost, lives }) =>
        `  log ${name.padEnd(11)} ${number(records)} records, ${number(copies)} of them copies of a publication that stood in it already${lost > 0 ? `, ${number(lost)} delivered by the broker and then lost by it` : ""}${lives > 1 ? `, ${lives} lives` : ""}`,
    ),
    `  gaps            ${number(gaps.announced)} announced, for ${number(gaps.events)} events`,
    `  seen            ${number(seen.repeats)} repeats dropped and ${number(seen.healings)} losses healed by the SDK, ${number(seen.unverified)} deliveries from what no auditor could read`,
    `  faults          ${number(faults.length)}`,
    ...tellFaults(faults),
    ...[...report.unavailable].map(([name, reason]) => `    ${name.padEnd(28)} not here: ${reason}`),
    "  findings",
    ...(Object.keys(COMPLAINTS) as Complaint[]).map(
      (name) => `    ${number(complaints[name]).padStart(6)}  ${COMPLAINTS[name]}`,
    ),
    ...failures.map((failure) => `  ✗ ${failure}`),
    ...(report.evidenceFile === undefined ? [] : [`  evidence in ${report.evidenceFile}`]),
    failures.length === 0 ? "PASS" : "FAIL",
  ];
}

function tellFaults(faults: readonly FaultRecord[]): string[] {
  const names = [...new Set(faults.map(({ name }) => name))].sort();
  return names.map((name) => {
    const mine = faults.filter((fault) => fault.name === name);
    const times = mine.flatMap(({ recoveredMs }) => recoveredMs ?? []).sort((a, b) => a - b);
    const late = mine.filter(({ overMs, recoveredMs }) => overMs !== undefined && recoveredMs === undefined).length;
    const worst = times.at(-1);
    const middle = times[Math.floor(times.length / 2)];
    const recovered =
      worst === undefined ? "" : `recovered in ${seconds(middle!)} in the middle, ${seconds(worst)} at worst`;
    return `    ${name.padEnd(28)} ${String(mine.length).padStart(4)}   ${recovered}${late > 0 ? `; ${late} not in time` : ""}`;
  });
}

function seconds(ms: number): string {
  return `${(ms / 1_000).toFixed(2)} s`;
}

/**
 * Everything that may explain a failure, as plain data.
 *
 * @param keep shows every client, not only those of which there are findings
 */
export function evidence(report: CampaignReport, clients: readonly CampaignClient[], keep: boolean): unknown {
  const guilty = clients.filter(({ ledger }) => ledger.findings.length > 0);
  const shown = guilty.length > 0 && !keep ? guilty : clients;
  return {
    ...report,
    unavailable: Object.fromEntries(report.unavailable),
    clients: shown.map((client) => ({
      name: client.name,
      kind: client.kind,
      log: client.plan.log,
      patterns: client.plan.patterns,
      gateway: client.gateway,
      counts: client.ledger.counts,
      findings: client.ledger.findings satisfies readonly Finding[],
      history: client.history.lines,
    })),
  };
}
