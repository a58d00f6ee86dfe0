/** A service for the tests of signals: `service.ts START CLOSE`, each the name of one way to behave. */
import { setTimeout as sleep } from "node:timers/promises";
import { ConfigError, runService } from "../../src/index.ts";

const [start, close] = process.argv.slice(2);
const forever = () => new Promise<never>(() => setInterval(() => {}, 60_000));

await runService({
  name: "sample",
  closeTimeoutMs: close === "stuck-briefly" ? 300 : 15_000,
  start: async ({ logger, signal }) => {
    if (start === "misconfigured") throw new ConfigError(["SAMPLE_PORT: missing", 'SAMPLE_MODE: expected a, got "b"']);
    if (start === "broken") throw new Error("no disk");
    if (start === "slow") {
      logger.info("starting slowly");
      await sleep(60_000, undefined, { signal });
    }
    const alive = setInterval(() => {}, 60_000);
    logger.info("running");
    if (start === "throws-later")
      setTimeout(() => {
        throw new Error("thrown later");
      });
    if (start === "rejects-later") setTimeout(() => void Promise.reject(new Error("rejected later")));
    return {
      async close() {
        logger.info("closing");
        if (close === "stuck" || close === "stuck-briefly") await forever();
        if (close === "fails") throw new Error("cannot close");
        clearInterval(alive);
      },
    };
  },
});
