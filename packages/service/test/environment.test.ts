import { describe, expect, it } from "vitest";
import { z } from "zod";
import {
  ConfigError,
  duration,
  integer,
  logLevel,
  port,
  readEnvironment,
  url,
  type Environment,
} from "../src/index.ts";

const schema = z.object({
  SAMPLE_PORT: port().default(3000),
  AMQP_URL: url(["amqp", "amqps"]),
  SAMPLE_RETRIES: integer({ min: 0, max: 9 }).default(3),
  SAMPLE_WAIT: duration({ minMs: 1, maxMs: 60_000 }).default(500),
  LOG_LEVEL: logLevel().default("info"),
  SAMPLE_MODE: z.enum(["fast", "safe"]).optional(),
  WEBHOOK_SECRET: z.string().min(8),
});

const valid = { AMQP_URL: "amqp://guest:guest@localhost", WEBHOOK_SECRET: "long enough" };

describe("readEnvironment", () => {
  it("gives typed values, and defaults for what is not set or set to nothing", () => {
    expect(readEnvironment(schema, { ...valid, SAMPLE_PORT: "", SAMPLE_WAIT: "2s", UNRELATED: "x" })).toEqual({
      ...valid,
      SAMPLE_PORT: 3000,
      SAMPLE_RETRIES: 3,
      SAMPLE_WAIT: 2_000,
      LOG_LEVEL: "info",
    });
  });

  it("reports every fault at once, each naming its variable, what was expected and what was there", () => {
    const env = {
      SAMPLE_PORT: "808O",
      SAMPLE_RETRIES: "10",
      SAMPLE_WAIT: "soon",
      LOG_LEVEL: "loud",
      SAMPLE_MODE: "slow",
      WEBHOOK_SECRET: "short",
    };
    expect(faultsOf(env)).toEqual([
      'SAMPLE_PORT: expected 1-65535, got "808O"',
      "AMQP_URL: missing",
      'SAMPLE_RETRIES: expected a whole number 0-9, got "10"',
      'SAMPLE_WAIT: expected a time such as 500ms, 30s or 5m, 1-60000 ms, got "soon"',
      'LOG_LEVEL: expected trace, debug, info, warn, error, fatal, silent, got "loud"',
      'SAMPLE_MODE: expected one of "fast"|"safe", got "slow"',
      'WEBHOOK_SECRET: expected string to have >=8 characters, got "***"',
    ]);
  });

  it("puts all faults into the message, one per line", () => {
    const error = errorOf({});
    expect(error).toBeInstanceOf(ConfigError);
    expect(error.message).toBe("AMQP_URL: missing\nWEBHOOK_SECRET: missing");
  });

  it.each(["http://user:hunter2@host", "amqp//user:hunter2@host", "user:hun@ter2@host", "amqp://user:hun/ter2@ho st"])(
    "never shows the credentials of a URL: %s",
    (value) => {
      const { message } = errorOf({ ...valid, AMQP_URL: value });
      expect(message).toMatch(/^AMQP_URL: expected a URL amqp:\/\/… or amqps:\/\/…, got ".*\*\*\*@/);
      expect(message).not.toMatch(/hun|ter2|user/);
    },
  );

  it.each(["0", "65536", "-1", "80.0", "1e3", "0x50", " 80", "80 "])("refuses port %j", (value) => {
    expect(faultsOf({ ...valid, SAMPLE_PORT: value })).toEqual([`SAMPLE_PORT: expected 1-65535, got "${value}"`]);
  });

  it.each([
    ["1ms", 1],
    ["2s", 2_000],
    ["1m", 60_000],
  ])("reads the time %s as %i ms", (text, ms) => {
    expect(readEnvironment(schema, { ...valid, SAMPLE_WAIT: text }).SAMPLE_WAIT).toBe(ms);
  });

  it.each(["0ms", "2m", "1.5s", "60", "1 s"])("refuses the time %j", (text) => {
    expect(faultsOf({ ...valid, SAMPLE_WAIT: text })).toHaveLength(1);
  });
});

function errorOf(env: Environment): ConfigError {
  try {
    readEnvironment(schema, env);
  } catch (error) {
    if (error instanceof ConfigError) return error;
  }
  throw new Error("expected a ConfigError");
}

function faultsOf(env: Environment): readonly string[] {
  return errorOf(env).faults;
}
