import { createHealth, createHttpServer, healthRoutes, metricsRoute, runService } from "../../src/index.ts";

await runService({
  name: "smoke",
  start: async ({ logger }) => {
    const app = createHttpServer({ logger });
    healthRoutes(app, createHealth(["x"]));
    metricsRoute(app);
    await app.listen({ port: 34_111, host: "127.0.0.1" });
    logger.info({ url: "amqp://a:b@c/d", password: "x", amqp: { password: "y" } }, "listening");
    return { close: () => app.close() };
  },
});
