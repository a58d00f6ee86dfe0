import { readdirSync, readFileSync } from "node:fs";
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

const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8");

describe("what is written down", () => {
  it("has every variable and its default in the README's table, and no other", () => {
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

  it("has every code that the producer answers with in the README's table, under its HTTP status", () => {
    const rows = [...readme.matchAll(/^\| (4\d\d|5\d\d) \| (.*) \|$/gm)];
    const listed = rows.flatMap(([, status, codes]) =>
      [...codes!.matchAll(/`([A-Z_]+)`/g)].map(([, code]) => [code!, Number(status)] as const),
    );
    expect(listed.filter(([code, status]) => HTTP_STATUS[code] !== status)).toEqual([]);
    const known = new Set<string>(Object.keys(ERRORS));
    const answered = sources().flatMap((text) => [...text.matchAll(/\b[A-Z][A-Z_]+\b/g)].map(([code]) => code));
    expect([...new Set(answered)].filter((code) => known.has(code)).sort()).toEqual(
      listed
        .map(([code]) => code)
        .filter((code) => code !== "NOT_FOUND")
        .sort(),
    );
  });

  it("answers with a 5xx exactly what is worth sending again", () => {
    const wrong = Object.entries(ERRORS).filter(
      ([code, { retryable }]) => (HTTP_STATUS[code] ?? (retryable ? 500 : 400)) >= 500 !== retryable,
    );
    expect(wrong).toEqual([]);
  });
});

/** The producer's own sources. */
function sources(): string[] {
  const folder = new URL("../src/", import.meta.url);
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => readFileSync(new URL(path, folder), "utf8"));
}
