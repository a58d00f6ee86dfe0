import { runService } from "@warren/service";
import { createGateway } from "./app.ts";
import { loadConfig } from "./config.ts";

await runService({
  name: "gateway",
  async start({ logger, signal }) {
    // oxlint-disable-next-line no-restricted-properties -- the one place where the environment enters
    const config = loadConfig(process.env);
    logger.level = config.logLevel;
    const gateway = createGateway(config, { logger });
    await gateway.start(signal);
    return gateway;
  },
});
