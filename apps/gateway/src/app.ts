import { setTimeout as delay } from "node:timers/promises";
import {
  ConnectionRefused,
  createConnection,
  createPublisher,
  declareTopology,
  TopologyError,
  type Connection,
} from "@warren/amqp";
import { clientError } from "@warren/events";
import { createStreamEventLog, type EventLog } from "@warren/event-log";
import {
  ConfigError,
  createHealth,
  createHttpServer,
  healthRoutes,
  metricsRoute,
  portTaken,
  type Logger,
} from "@warren/service";
import { eventLogTopology, mergeTopologies } from "@warren/topology";
import type { GatewayConfig } from "./config.ts";
import { Feed } from "./fanout/feed.ts";
import { Gate } from "./gate.ts";
import { servePage } from "./http/page.ts";
import type { Namespace } from "./namespaces/load.ts";

const RETRY_MS = 250;

/** What a client is told that connects while the gateway is in that state. */
const REFUSALS = {
  starting: clientError("NOT_READY", "this gateway is still starting", 1_000),
  ready: undefined,
  draining: clientError("CLOSING", "this gateway is going away", 1_000),
};

/** One gateway: `start` resolves when it is ready to serve, `close` when it has drained. */
export interface Gateway {
  /** Throws ConfigError where the broker, the topology or the port says that the configuration is wrong. */
  start(signal: AbortSignal): Promise<void>;
  close(): Promise<void>;
  /** The port it listens on. */
  readonly port: number;
}

/** Builds a gateway; nothing is opened before `start`. */
export function createGateway(config: GatewayConfig, { logger }: { logger: Logger }): Gateway {
  const { bridge, amqpUrl } = config;
  const exchanges = new Map(bridge.namespaces.map((namespace) => [namespace.exchange, namespace]));
  const topology = mergeTopologies(
    ...[...exchanges.values()].map(({ exchange, log, declare }) =>
      eventLogTopology({ exchange, log, declareExchange: declare }),
    ),
  );
  const health = createHealth(["broker", ...[...exchanges.keys()].map((exchange) => `log ${exchange}`), "serving"]);
  const http = createHttpServer({ logger });

  // Publishing, the live tails and replays each have a connection: a broker that stops reading publishes, or a long
  // replay, must not hold up what is live.
  const connect = (use: string) => createConnection({ url: amqpUrl, name: `warren-gateway ${use}`, logger });
  let connections: readonly Connection[] = [];
  let release: (() => Promise<void>)[] = [];
  let state: keyof typeof REFUSALS = "starting";

  async function start(signal: AbortSignal): Promise<void> {
    const [publishing, live, past] = [connect("publish"), connect("tail"), connect("replay")];
    connections = [publishing, live, past];
    release.push(async () => void (await Promise.all(connections.map((connection) => connection.close()))));
    for (const connection of connections) connection.onChange(showBroker);
    // A broker that comes back takes publishes before its streams are up: nothing is sent until the topology stands.
    const publisher = createPublisher(publishing, { topology });
    release.push(() => publisher.close(config.closeTimeoutMs));

    const logs: EventLog[] = [];
    release.push(async () => void (await Promise.all(logs.map((log) => log.close()))));
    const openLog = (consumeConnection: Connection, { exchange, log, declare }: Namespace): EventLog => {
      const opened = createStreamEventLog({
        consumeConnection,
        publisher,
        exchange,
        log,
        declareExchange: declare,
        logger,
      });
      logs.push(opened);
      return opened;
    };
    const feeds = new Map(
      [...exchanges].map(([exchange, namespace]) => {
        const onAttached = (attached: boolean, detail?: string) => health.set(`log ${exchange}`, attached, detail);
        const { ringBytes, replayReaders: readers, replayBytes: pastBytes } = bridge.limits;
        const dedupe = { windowMs: namespace.dedupe.window, windowOffsets: namespace.dedupe.events };
        const [tail, replay] = [openLog(live, namespace), openLog(past, namespace)];
        const feed = new Feed({ live: tail, past: replay, ringBytes, readers, pastBytes, dedupe, logger, onAttached });
        return [exchange, feed] as const;
      }),
    );
    release.push(async () => void (await Promise.all([...feeds.values()].map((feed) => feed.close()))));

    healthRoutes(http, health);
    metricsRoute(http);
    await servePage(http, config.pageDir, logger);
    const gate = new Gate({ server: http.server, bridge, feeds, publisher, logger, refusal: () => REFUSALS[state] });
    release.push(async () => {
      await gate.close();
      await http.close();
    });
    await listen();
    release.push(() => bounded(gate.drain(), config.closeTimeoutMs / 2));

    await openBroker(signal);
    await Promise.all([...feeds.values()].map((feed) => feed.start(signal)));
    state = "ready";
    health.set("serving", true);
    logger.info({ port: port(), namespaces: bridge.namespaces.map(({ name }) => name), broker: live.server }, "ready");
  }

  async function listen(): Promise<void> {
    try {
      await http.listen({ host: config.host, port: config.port });
    } catch (error) {
      const fault = portTaken(error, config.port, "GATEWAY_PORT");
      throw fault === undefined ? error : new ConfigError([fault]);
    }
  }

  /** Waits for the broker and puts the topology in place. A broker that goes away meanwhile is waited for again. */
  async function openBroker(signal: AbortSignal): Promise<void> {
    for (;;) {
      try {
        await Promise.all(connections.map((connection) => connection.opened(signal)));
        return await declareTopology(connections[0]!, topology);
      } catch (error) {
        signal.throwIfAborted();
        if (error instanceof ConnectionRefused) throw new ConfigError([error.message]);
        if (error instanceof TopologyError) refuseFor(error);
        logger.warn({ err: error }, "the broker went away while the gateway started");
        await delay(RETRY_MS, undefined, { signal });
      }
    }
  }

  function showBroker(): void {
    const away = connections.find((connection) => connection.state !== "open");
    const blocked = connections.find((connection) => connection.blocked !== undefined)?.blocked;
    if (away !== undefined) health.set("broker", false, `${away.name}: ${away.state}`);
    else health.set("broker", true, blocked === undefined ? undefined : `publishing waits: ${blocked}`);
  }

  function port(): number {
    const address = http.server.address();
    return typeof address === "object" && address !== null ? address.port : config.port;
  }

  return {
    start,
    get port() {
      return port();
    },
    async close() {
      state = "draining";
      health.set("serving", false, "draining");
      // What was acquired last goes first: clients, then the log, then what is still being published, then the broker.
      const steps = release.toReversed();
      release = [];
      for (const step of steps) await step();
    },
  };
}

/** What stands in the way of the topology and will not go away by itself: unlike a queue that is not up yet. */
function refuseFor({ failures }: TopologyError): void {
  const lasting = failures.filter(({ kind, code }) => code !== "DOWN" && (code !== "MISSING" || kind === "exchange"));
  if (lasting.length > 0) throw new ConfigError(lasting.map(({ message }) => message));
}

/** Resolves with the work, or when its time is up. */
async function bounded(work: Promise<unknown>, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  await Promise.race([work, delay(timeoutMs, undefined, { signal: timer.signal }).catch(() => {})]);
  timer.abort();
}
