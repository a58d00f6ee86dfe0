import {
  integer,
  logLevel,
  port,
  readEnvironment,
  url,
  variable,
  type Environment,
  type LogLevel,
} from "@warren/service";
import { z } from "zod";

/** Where a broker is when nobody says. */
const LOCAL_BROKER = "amqp://guest:guest@127.0.0.1:5672";

const amqpUrl = url(["amqp", "amqps"]).default(LOCAL_BROKER);

const producerVariables = z.object({
  AMQP_URL: amqpUrl,
  PRODUCER_PORT: port().default(3001),
  PRODUCER_HOST: z.string().default("127.0.0.1"),
  GITHUB_WEBHOOK_SECRET: z.string(),
  PRODUCER_EXCHANGES: exchanges().default(["chat", "github"]),
  PRODUCER_CONFIRM_TIMEOUT_MS: integer({ min: 100, max: 300_000 }).default(5_000),
  LOG_LEVEL: logLevel().default("info"),
});

export interface ProducerConfig {
  readonly amqpUrl: string;
  /** 0: any free port. */
  readonly port: number;
  readonly host: string;
  readonly githubSecret: string;
  /** What `POST /events/:exchange` may publish on. */
  readonly exchanges: readonly string[];
  readonly confirmTimeoutMs: number;
  readonly logLevel: LogLevel;
}

/** @throws ConfigError with every fault */
export function loadProducerConfig(env: Environment = process.env): ProducerConfig {
  const read = readEnvironment(producerVariables, env);
  return {
    amqpUrl: read.AMQP_URL,
    port: read.PRODUCER_PORT,
    host: read.PRODUCER_HOST,
    githubSecret: read.GITHUB_WEBHOOK_SECRET,
    exchanges: read.PRODUCER_EXCHANGES,
    confirmTimeoutMs: read.PRODUCER_CONFIRM_TIMEOUT_MS,
    logLevel: read.LOG_LEVEL,
  };
}

/** What `warren-producer replay` takes where its options say nothing. @throws ConfigError */
export function loadReplayConfig(env: Environment = process.env): { amqpUrl: string } {
  return { amqpUrl: readEnvironment(z.object({ AMQP_URL: amqpUrl }), env).AMQP_URL };
}

export interface DemoConfig {
  readonly producerUrl: string;
  readonly githubSecret: string;
}

/** Both defaults are what `npm start` runs with. @throws ConfigError */
export function loadDemoConfig(env: Environment = process.env): DemoConfig {
  const variables = z.object({
    PRODUCER_URL: url(["http", "https"]).default("http://127.0.0.1:3001"),
    GITHUB_WEBHOOK_SECRET: z.string().default("warren-demo"),
  });
  const read = readEnvironment(variables, env);
  return { producerUrl: read.PRODUCER_URL, githubSecret: read.GITHUB_WEBHOOK_SECRET };
}

/** The names and defaults of every variable of the producer, for its README's test. */
export const producerDefaults = Object.fromEntries(
  Object.entries(producerVariables.shape).map(([name, type]) => [name, type.safeParse(undefined).data]),
);

function exchanges() {
  return variable("names of exchanges joined by commas, each 1-255 of letters, digits, -, _, . and :", (text) => {
    const names = text.split(",").map((name) => name.trim());
    return names.every((name) => /^[\w.:-]{1,255}$/.test(name)) ? [...new Set(names)] : undefined;
  });
}
