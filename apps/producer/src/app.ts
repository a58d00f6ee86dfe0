import { ConnectionRefused, TopologyError } from "@warren/amqp";
import {
  ConfigError,
  createHealth,
  createHttpServer,
  healthRoutes,
  metricsRoute,
  portTaken,
  Registry,
  type Logger,
} from "@warren/service";
import { limitBodies, type BodyLimits } from "./body-budget.ts";
import type { ProducerConfig } from "./config.ts";
import { eventRoutes } from "./events/route.ts";
import { createOutlet } from "./outlet.ts";
import { measurePublishes } from "./publish-metrics.ts";
import { GITHUB_EXCHANGE, githubRoutes } from "./webhooks/github/route.ts";

export interface Producer {
  /**
   * Listens, then connects. Until the broker is there, and its exchanges, every POST is answered with 503.
   *
   * @throws ConfigError the port is taken, the broker refuses user, password or vhost, or an exchange is another one there
   */
  start(signal: AbortSignal): Promise<void>;
  /** Stops taking, finishes what was taken, closes the connection. */
  close(): Promise<void>;
  /** Where it listens. */
  readonly url: string;
}

/** HTTP in, exchange out: a request is answered with 202 once the broker has confirmed the message. */
export function createProducer(
  config: ProducerConfig,
  { logger, bodies }: { logger: Logger; bodies?: Partial<BodyLimits> },
): Producer {
  const registry = new Registry();
  const health = createHealth(["broker"]);
  const outlet = createOutlet({
    amqpUrl: config.amqpUrl,
    exchanges: [...new Set([...config.exchanges, GITHUB_EXCHANGE])],
    confirmTimeoutMs: config.confirmTimeoutMs,
    logger,
    onReadiness: (fault) => health.set("broker", fault === undefined, fault),
  });
  const publish = measurePublishes(registry, (message) => outlet.publish(message));

  const app = createHttpServer({ logger });
  healthRoutes(app, health);
  metricsRoute(app, registry);
  limitBodies(app, bodies);
  void app.register(githubRoutes, { secret: config.githubSecret, publish });
  void app.register(eventRoutes, { exchanges: config.exchanges, publish });

  const producer: Producer = {
    async start(signal) {
      try {
        await app.listen({ port: config.port, host: config.host });
        await outlet.opened(signal);
      } catch (error) {
        await producer.close();
        throw startFault(error, config) ?? error;
      }
      logger.info({ url: producer.url, exchanges: config.exchanges }, "ready");
    },
    async close() {
      health.set("serving", false, "closing");
      await app.close();
      await outlet.close();
    },
    get url() {
      const address = app.server.address();
      if (address === null || typeof address === "string") throw new Error("the producer does not listen");
      return `http://${address.family === "IPv6" ? `[${address.address}]` : address.address}:${address.port}`;
    },
  };
  return producer;
}

function startFault(error: unknown, config: ProducerConfig): ConfigError | undefined {
  const taken = portTaken(error, config.port, "PRODUCER_PORT");
  if (taken !== undefined) return new ConfigError([taken], { cause: error });
  if (error instanceof ConnectionRefused) return new ConfigError([`AMQP_URL: ${error.message}`], { cause: error });
  if (error instanceof TopologyError) {
    return new ConfigError(
      error.failures.map((failure) => `PRODUCER_EXCHANGES: ${failure.message}`),
      { cause: error },
    );
  }
  return undefined;
}
