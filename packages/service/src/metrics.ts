import type { FastifyInstance } from "fastify";
import { collectDefaultMetrics, Registry } from "prom-client";

export { Counter, Gauge, Histogram, Registry } from "prom-client";

/** `GET /metrics` for Prometheus: what the registry holds, and Node's own (memory, CPU, event-loop delay). */
export function metricsRoute(app: FastifyInstance, registry: Registry = new Registry()): void {
  if (registry.getSingleMetric("nodejs_eventloop_lag_seconds") === undefined)
    collectDefaultMetrics({ register: registry });
  app.get("/metrics", async (_request, reply) => reply.type(registry.contentType).send(await registry.metrics()));
}
