import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { createConnection, createPublisher } from "@warren/amqp";
import type { Broker, Vhost } from "@warren/broker";
import { eventLogTopology } from "@warren/topology";
import { makeClients } from "./cast.ts";
import { FaultSchedule } from "./faults/schedule.ts";
import { freePort } from "../test/processes.ts";
import { GatewayProcess } from "./gateway.ts";
import { Load } from "./load/load.ts";
import { Publications } from "./load/publication.ts";
import { GATEWAY_FILE, LOGS, type LogName } from "./load/scenery.ts";
import { Network } from "./network.ts";
import { Auditor } from "./oracle/auditor.ts";
import { LogCopy } from "./oracle/log-copy.ts";
import { TopicTable } from "./oracle/topics.ts";
import { createRandom } from "./random.ts";
import { countClients, countLog, evidence, type CampaignReport } from "./report.ts";
import type { Sabotage } from "./sabotage.ts";
import { judge } from "./verdict.ts";

const GATEWAYS = 2;
const BEGIN_TIMEOUT_MS = 60_000;
/** Unit: milliseconds. Time for a repeat to come that should not. */
const LATE_MS = 1_500;

export interface CampaignOptions {
  readonly broker: Broker;
  /** The campaign's own; it is left as it is. */
  readonly vhost: Vhost;
  readonly seed: number;
  /** Unit: milliseconds in which events flow and faults are done. */
  readonly durationMs: number;
  readonly clients: number;
  /** Unit: events per second, on both logs together. */
  readonly rate: number;
  readonly faultsPerMinute: number;
  /** Multiplies how long faults last. @default 1 */
  readonly durationFactor?: number;
  /** How long clients and publishers have after the last fault. Unit: milliseconds. @default 90_000 */
  readonly settleTimeoutMs?: number;
  /** Only these kinds of faults. @default all */
  readonly only?: readonly string[];
  /** Breaks the gateways on purpose, so that the campaign has to fail. */
  readonly sabotage?: Sabotage;
  /** Does not fail because of a publication that came twice from two records of the log. @default false */
  readonly allowDuplicateIds?: boolean;
  /** Leaves the evidence of a campaign that passed too, every client's. @default false */
  readonly keepEvidence?: boolean;
  /** Ends the campaign early; it is judged all the same. */
  readonly signal?: AbortSignal;
  /** Told of the campaign's stages. */
  readonly say?: (line: string) => void;
  /** Called once a second while events flow. */
  readonly progress?: (now: CampaignProgress) => void;
}

export interface CampaignProgress {
  readonly elapsedMs: number;
  readonly deliveries: number;
  readonly acked: number;
  readonly faults: number;
  readonly active: readonly string[];
}

/** Runs a whole campaign: gateways, clients, publishers and faults, and the judgement. Leaves no process behind. */
export async function runCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { broker, vhost, seed, durationMs, signal, settleTimeoutMs = 90_000, say = () => {} } = options;
  const startedMs = performance.now();
  const nowMs = () => performance.now() - startedMs;
  const random = createRandom(seed);
  const folder = await mkdtemp(join(tmpdir(), "warren-campaign-"));
  const release: (() => Promise<unknown>)[] = [];
  try {
    const configFile = join(folder, "gateway.yaml");
    await writeFile(configFile, GATEWAY_FILE);
    const deaths: string[] = [];
    const gateways = await Promise.all(
      Array.from({ length: GATEWAYS }, async (_, index) => {
        const name = `gateway-${index}`;
        const died = (code: number | null) => deaths.push(`${name} ended by itself, with code ${code}`);
        const logFile = join(folder, `${name}.log`);
        const port = await freePort();
        const gateway = new GatewayProcess({
          name,
          port,
          amqpUrl: vhost.amqpUrl,
          configFile,
          logFile,
          sabotage: options.sabotage,
          died,
        });
        release.push(() => gateway.close());
        gateway.start();
        return gateway;
      }),
    );
    const networks = gateways.map(({ port }) => new Network(port));
    await Promise.all(networks.map((network) => network.listen()));
    release.push(() => Promise.all(networks.map((network) => network.close())));
    const addresses = networks.map(({ port }) => `http://127.0.0.1:${port}`);

    const [audit, publish] = ["audit", "publish"].map((use) =>
      createConnection({ url: vhost.amqpUrl, name: `campaign ${use}` }),
    ) as [ReturnType<typeof createConnection>, ReturnType<typeof createConnection>];
    release.push(() => Promise.all([audit.close(), publish.close()]));
    const publisher = createPublisher(publish);
    release.push(() => publisher.close(1_000));

    const topics = new TopicTable();
    const copies = { main: new LogCopy("main", false), brief: new LogCopy("brief", true) };
    const auditorOf = (log: LogName) =>
      new Auditor({
        connection: audit,
        queue: `${LOGS[log].exchange}.log`,
        topology: eventLogTopology({ exchange: LOGS[log].exchange, log: { maxAge: "7D", ...LOGS[log].log } }),
        copy: copies[log],
        topics,
        nowMs,
      });
    const auditors = { main: auditorOf("main"), brief: auditorOf("brief") };
    for (const auditor of Object.values(auditors)) {
      await auditor.start();
      release.push(() => auditor.stop());
    }

    await Promise.all(gateways.map((gateway) => gateway.ready()));
    const clients = makeClients({
      count: options.clients,
      random: random.fork("clients"),
      copies,
      topics,
      addresses,
      nowMs,
    });
    release.push(() => Promise.all(clients.map((client) => client.close())));
    for (const client of clients) client.connect();
    await until(() => clients.every(({ begun }) => begun), BEGIN_TIMEOUT_MS, "the clients did not become ready");

    const publications = new Publications(nowMs);
    const load = new Load({
      random: random.fork("load"),
      rate: options.rate,
      publications,
      addresses,
      publisher,
      vhost,
    });
    release.push(() => load.close());
    const schedule = new FaultSchedule({
      stage: {
        broker,
        vhost,
        gateways,
        networks,
        clients,
        publisherNames: load.names,
        volume: load.volume,
        briefAuditor: auditors.brief,
      },
      random: random.fork("faults"),
      everyMs: 60_000 / options.faultsPerMinute,
      durationFactor: options.durationFactor ?? 1,
      nowMs,
      ...(options.only === undefined ? {} : { only: options.only }),
    });
    release.push(async () => {
      await schedule.stop();
      await schedule.close();
    });

    say(`seed ${seed}: ${clients.length} clients, ${gateways.length} gateways, ${broker.description}`);
    const flowingMs = nowMs();
    load.start();
    schedule.start();
    const beat = setInterval(() => {
      for (const { ledger } of clients) ledger.settle();
      const deliveries = clients.reduce((sum, { ledger }) => sum + ledger.deliveries, 0);
      const { active, records } = schedule;
      options.progress?.({
        elapsedMs: nowMs() - flowingMs,
        deliveries,
        acked: publications.acked,
        faults: records.length,
        active,
      });
    }, 1_000);
    release.push(async () => clearInterval(beat));
    await delay(durationMs, undefined, signal === undefined ? {} : { signal }).catch(() => {});

    say("no more faults; waiting until everyone has everything");
    await schedule.stop();
    for (const gateway of gateways) gateway.start();
    await load.stop(settleTimeoutMs);
    const acked = () =>
      (["main", "brief"] as const).every(
        (log) => publications.missing(log, (number) => copies[log].holds(number)).length === 0,
      );
    await until(acked, 10_000).catch(() => {});
    const stragglers = await until(() => clients.every(({ ledger }) => ledger.arrived()), settleTimeoutMs).then(
      () => [],
      () => clients.filter(({ ledger }) => !ledger.arrived()),
    );
    await delay(LATE_MS);
    await schedule.close();
    clearInterval(beat);
    for (const client of clients) await client.close();
    say("reading the logs again");
    const differences = (await Promise.all([auditors.main.reread(), auditors.brief.reread()])).flat();
    for (const { ledger } of clients) ledger.close();

    const counted = countClients(clients);
    const report: CampaignReport = {
      seed,
      broker: broker.description,
      durationMs: nowMs() - flowingMs,
      clients: clients.length,
      ...counted,
      published: {
        made: publications.last,
        acked: publications.acked,
        retries: publications.retries,
        unknown: publications.unknown,
      },
      logs: [countLog(copies.main), countLog(copies.brief)],
      faults: schedule.records,
      unavailable: schedule.unavailable,
      failures: judge({
        complaints: counted.complaints,
        allowDuplicateIds: options.allowDuplicateIds ?? false,
        publications,
        unacked: load.unacked,
        copies,
        differences,
        deaths,
        troubles: schedule.troubles,
        stragglers: stragglers.map(({ name }) => name),
      }),
    };
    if (report.failures.length > 0 || options.keepEvidence === true) {
      report.evidenceFile = join(folder, "evidence.json");
      await writeFile(
        report.evidenceFile,
        JSON.stringify(evidence(report, clients, options.keepEvidence ?? false), undefined, 1),
      );
    }
    return report;
  } finally {
    for (const step of release.toReversed()) await step();
    await discard(folder);
  }
}

/** The folder stays where there is evidence in it. */
async function discard(folder: string): Promise<void> {
  if ((await readdir(folder)).includes("evidence.json")) return;
  await rm(folder, { recursive: true, force: true });
}

async function until(fact: () => boolean, timeoutMs: number, otherwise = "it did not come true"): Promise<void> {
  const deadlineMs = performance.now() + timeoutMs;
  while (!fact()) {
    if (performance.now() > deadlineMs) throw new Error(`${otherwise} within ${timeoutMs} ms`);
    await delay(50);
  }
}
