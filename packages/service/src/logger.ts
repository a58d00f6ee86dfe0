import { pino, type Logger, type LoggerOptions } from "pino";
import { pinoPretty } from "./pretty.ts";
import { withoutCredentials } from "./redact.ts";

export type { Logger } from "pino";

export interface LoggerSettings {
  /** The process, as every line names it. */
  name: string;
  /** The least severe level that is written. @default "info" */
  level?: string;
  /** For people rather than programs. @default whether standard output is a terminal */
  pretty?: boolean;
  /** Where the lines go. @default standard output */
  destination?: NodeJS.WritableStream;
}

const SECRET_KEYS = ["password", "secret", "token", "authorization", "cookie"];

/** One JSON object per line, or coloured lines on a terminal. Secrets, and credentials inside URLs, are `***`. */
export function createLogger(settings: LoggerSettings): Logger {
  const options: LoggerOptions = {
    name: settings.name,
    level: settings.level ?? "info",
    redact: { paths: SECRET_KEYS.flatMap((key) => [key, `*.${key}`, `*.*.${key}`]), censor: "***" },
    hooks: { streamWrite: withoutCredentials },
  };
  const pretty = settings.pretty ?? (settings.destination === undefined && process.stdout.isTTY);
  if (pretty) return pino(options, pinoPretty(settings.destination));
  return settings.destination === undefined ? pino(options) : pino(options, settings.destination);
}
