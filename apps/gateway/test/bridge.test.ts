import { fileURLToPath } from "node:url";
import { ConfigError } from "@warren/service";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../src/config.ts";
import { loadBridge, parseBridge } from "../src/namespaces/load.ts";

function faultsOf(text: string): string[] {
  try {
    parseBridge(text, "gateway.yaml");
  } catch (error) {
    if (error instanceof ConfigError) return [...error.faults];
    throw error;
  }
  return [];
}

describe("the gateway's configuration file", () => {
  it("that the repository ships maps /, /chat and /github, the first two to one exchange and one log, all anonymous", () => {
    const { namespaces } = loadBridge(fileURLToPath(new URL("../../../gateway.yaml", import.meta.url)));
    expect(namespaces.map(({ name, exchange, anonymous }) => [name, exchange, anonymous])).toEqual([
      ["/", "chat", true],
      ["/chat", "chat", true],
      ["/github", "github", true],
    ]);
    expect(namespaces[0]?.log).toEqual(namespaces[1]?.log);
  });

  it("is filled in with defaults, sizes as bytes and ages in RabbitMQ's spelling", () => {
    const { namespaces, limits } = parseBridge(
      "namespaces: { /a: { exchange: a, log: { maxAge: 15m, maxBytes: 2MiB } } }",
      "f",
    );
    expect(namespaces[0]).toMatchObject({
      anonymous: false,
      declare: true,
      defaultTopics: [],
      log: { maxAge: "15m", maxBytes: 2 * 1024 ** 2, segmentBytes: 16 * 1024 ** 2 },
    });
    expect(limits).toMatchObject({ maxPayload: 1024 ** 2, ringBytes: 64 * 1024 ** 2 });
  });

  it("gives a namespace without a log the log of its exchange", () => {
    const { namespaces } = parseBridge(
      "namespaces:\n  /a: { exchange: x }\n  /b: { exchange: x, log: { maxAge: 1h } }",
      "f",
    );
    expect(namespaces.map(({ log }) => log.maxAge)).toEqual(["1h", "1h"]);
  });

  it("reports every fault at once, each with its line", () => {
    const faults = faultsOf(
      [
        "namespaces:",
        "  /a:",
        "    exchange: amq.topic",
        "    colour: red",
        "    defaultTopics: ['a.b*']",
        "  b:",
        "    exchange: b",
        "limits:",
        "  ringBytes: 64",
      ].join("\n"),
    );
    expect(faults).toHaveLength(5);
    expect(faults.join("\n")).toMatch(/gateway\.yaml:3: namespaces > \/a > exchange: .*amq\./);
    expect(faults.join("\n")).toMatch(/gateway\.yaml:4: namespaces > \/a > colour: unknown key/);
    expect(faults.join("\n")).toMatch(/gateway\.yaml:5: .*\* and # stand for whole words/);
    expect(faults.join("\n")).toMatch(/gateway\.yaml:7?6?: namespaces > b: expected a namespace like "\/chat"/);
    expect(faults.join("\n")).toMatch(/gateway\.yaml:9: limits > ringBytes/);
  });

  it("that is broken YAML is refused with the line", () => {
    expect(faultsOf("namespaces:\n  /a: { exchange: a")).toEqual([
      expect.stringMatching(/^gateway\.yaml:\d+: no valid YAML: /),
    ]);
    expect(faultsOf("a: 1\na: 2").join()).toMatch(/unique/);
  });

  it("with two namespaces that give one exchange different logs is refused, naming both", () => {
    const faults = faultsOf(
      "namespaces:\n  /a: { exchange: x, log: { maxAge: 1h } }\n  /b: { exchange: x, log: { maxAge: 2h } }",
    );
    expect(faults).toEqual([
      expect.stringMatching(/:3: .*exchange "x" has one log, but "\/a" asks for .*1h.* and "\/b" for .*2h/),
    ]);
  });

  it.each(["", "namespaces: {}", "[]", "namespaces: 7"])("%j is refused", (text) => {
    expect(faultsOf(text)).not.toEqual([]);
  });
});

describe("the gateway's environment", () => {
  it("is refused with every fault at once", () => {
    const load = () => loadConfig({ GATEWAY_PORT: "808O", AMQP_URL: "http://x", LOG_LEVEL: "loud" });
    expect(load).toThrow(/GATEWAY_PORT: expected .*got "808O"/);
    expect(load).toThrow(/AMQP_URL: expected/);
    expect(load).toThrow(/LOG_LEVEL: expected/);
  });

  it("names the file that cannot be read", () => {
    expect(() => loadConfig({ WARREN_CONFIG: "/no/such/file.yaml" })).toThrow(
      /WARREN_CONFIG: cannot read \/no\/such\/file\.yaml/,
    );
  });
});
