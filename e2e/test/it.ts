import { it as brokerIt } from "@warren/broker/vitest";
import { App, freePort } from "./processes.ts";

export const SECRET = "e2e-secret";

/** Starts an app on a port of its own, on the test's vhost. */
export type Launch = (name: "gateway" | "producer", env?: Record<string, string>) => Promise<App>;

/** As the broker's `it`, with real processes: each is ended with the test, and must not have died by itself. */
export const it = brokerIt.extend<{ launch: Launch }>({
  launch: async ({ vhost }, use) => {
    const apps: App[] = [];
    await use(async (name, env = {}) => {
      const port = await freePort();
      const app = new App(name, port, {
        AMQP_URL: vhost.amqpUrl,
        GITHUB_WEBHOOK_SECRET: SECRET,
        [`${name.toUpperCase()}_PORT`]: String(port),
        ...env,
      });
      apps.push(app);
      await app.start();
      return app;
    });
    await Promise.all(apps.map((app) => app.stop()));
  },
});
