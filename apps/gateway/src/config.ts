import { fileURLToPath } from "node:url";
import { integer, logLevel, readEnvironment, url, variable, type Environment } from "@warren/service";
import * as z from "zod";
import { loadBridge, type Bridge } from "./namespaces/load.ts";

const root = new URL("../../../", import.meta.url);

const text = variable("some text", (value) => value);

/** The variables, with their defaults. */
export const environment = z.object({
  AMQP_URL: url(["amqp", "amqps"]).default("amqp://guest:guest@127.0.0.1:5672"),
  GATEWAY_PORT: integer({ min: 0, max: 65_535 }).default(3000),
  GATEWAY_HOST: text.default("0.0.0.0"),
  GATEWAY_PAGE_DIR: text.default(fileURLToPath(new URL("apps/console/dist", root))),
  GATEWAY_CLOSE_TIMEOUT_MS: integer({ min: 0, max: 600_000 }).default(10_000),
  WARREN_CONFIG: text.default(fileURLToPath(new URL("gateway.yaml", root))),
  LOG_LEVEL: logLevel().default("info"),
});

/** Everything the gateway is told from outside. */
export interface GatewayConfig {
  readonly amqpUrl: string;
  readonly host: string;
  /** 0 picks a free port. */
  readonly port: number;
  /** Folder of the page's built files; served where it exists. */
  readonly pageDir: string;
  /** Unit: milliseconds. How long a drain may take before what is left is cut. */
  readonly closeTimeoutMs: number;
  readonly logLevel: string;
  readonly bridge: Bridge;
}

/** Reads the environment and the configuration file. Throws ConfigError with every fault. */
export function loadConfig(env: Environment): GatewayConfig {
  const values = readEnvironment(environment, env);
  return {
    amqpUrl: values.AMQP_URL,
    host: values.GATEWAY_HOST,
    port: values.GATEWAY_PORT,
    pageDir: values.GATEWAY_PAGE_DIR,
    closeTimeoutMs: values.GATEWAY_CLOSE_TIMEOUT_MS,
    logLevel: values.LOG_LEVEL,
    bridge: loadBridge(values.WARREN_CONFIG),
  };
}
