import { runService } from "@warren/service";
import { createProducer } from "./app.ts";
import { loadProducerConfig } from "./config.ts";

await runService({
  name: "producer",
  async start({ logger, signal }) {
    const config = loadProducerConfig();
    logger.level = config.logLevel;
    const producer = createProducer(config, { logger });
    await producer.start(signal);
    return producer;
  },
});
