import { readFileSync } from "node:fs";
import { ERRORS } from "@warren/events";
import { HTTP_STATUS } from "@warren/service";
import { describe, expect, it } from "vitest";
import { loadDemoConfig, loadProducerConfig, loadReplayConfig, producerDefaults } from "../src/config.ts";

describe("the configuration", () => {
  it("needs only the webhook's secret", () => {
    expect(loadProducerConfig({ GITHUB_WEBHOOK_SECRET: "s" })).toEqual({
      amqpUrl: "amqp://guest:guest@127.0.0.1:5672",
      port: 3001,
      host: "127.0.0.1",
      githubSecret: "s",
      exchanges: ["chat", "github"],
      confirmTimeoutMs: 5_000,
      logLevel: "info",
    });
  });

  it("takes exchanges as a list, each once", () => {
    const config = loadProducerConfig({ GITHUB_WEBHOOK_SECRET: "s", PRODUCER_EXCHANGES: "a, b.c ,a" });
    expect(config.exchanges).toEqual(["a", "b.c"]);
  });

  it("names every fault at once", () => {
    const env = {
      AMQP_URL: "http://me:hunter2@host",
      PRODUCER_PORT: "808O",
      PRODUCER_EXCHANGES: "a,,b",
      PRODUCER_CONFIRM_TIMEOUT_MS: "5s",
    };
    expect(() => loadProducerConfig(env)).toThrow(
      [
        'AMQP_URL: expected a URL amqp://… or amqps://…, got "http://***@host"',
        'PRODUCER_PORT: expected 1-65535, got "808O"',
        "GITHUB_WEBHOOK_SECRET: missing",
        'PRODUCER_EXCHANGES: expected names of exchanges joined by commas, each 1-255 of letters, digits, -, _, . and :, got "a,,b"',
        'PRODUCER_CONFIRM_TIMEOUT_MS: expected a whole number 100-300000, got "5s"',
      ].join("\n"),
    );
  });

  it("of the commands needs nothing", () => {
    expect(loadReplayConfig({})).toEqual({ amqpUrl: "amqp://guest:guest@127.0.0.1:5672" });
    expect(loadDemoConfig({})).toEqual({ producerUrl: "http://127.0.0.1:3001", githubSecret: "warren-demo" });
  });
});

describe("what is written down", () => {
  it("has every variable and its default in the README's table, and no other", () => {
    const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");
    const rows = [...readme.matchAll(/^\| `([A-Z_]+)` \| (?:`([^`]*)`|(required)) \|/gm)].map((row) => [
      row[1],
      row[2],
    ]);
    const expected = Object.entries(producerDefaults).map(([name, value]) => [
      name,
      value === undefined ? undefined : String(value),
    ]);
    expect(rows).toEqual(expected);
  });

  it("gives every error code that a client can see an HTTP status", () => {
    expect(Object.keys(ERRORS).filter((code) => HTTP_STATUS[code] === undefined)).toEqual([]);
  });

  it("answers with a 5xx exactly what is worth sending again", () => {
    const wrong = Object.entries(ERRORS).filter(([code, { retryable }]) => HTTP_STATUS[code]! >= 500 !== retryable);
    expect(wrong).toEqual([]);
  });
});
