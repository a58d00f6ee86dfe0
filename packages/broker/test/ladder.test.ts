import { describe, expect, it, vi } from "vitest";

import type { Broker, BrokerKind } from "../src/broker.ts";
import { loadConfig } from "../src/config.ts";
import { climb, type Rung } from "../src/ladder.ts";

const broker = (kind: BrokerKind, description: string) => ({ kind, description }) as Broker;

function rung(kind: BrokerKind, name: string, open: boolean): Rung {
  return {
    kind,
    probe: vi.fn(async () => (open ? { doing: `doing ${name}`, acquire: async () => broker(kind, name) } : undefined)),
  };
}

describe("the ladder", () => {
  it("takes the first way that is open, asks no further, and says which", async () => {
    const rungs = [rung("url", "url", false), rung("container", "container", true), rung("node", "node", true)];
    const said: string[] = [];
    expect((await climb(rungs, undefined, (line) => said.push(line))).description).toBe("container");
    expect(rungs[2]?.probe).not.toHaveBeenCalled();
    expect(said).toEqual(["doing container", "using container"]);
  });

  it("looks at no other kind than the one it is restricted to", async () => {
    const rungs = [
      rung("url", "url", true),
      rung("container", "container", true),
      rung("node", "node", false),
      rung("node", "apt", true),
    ];
    expect((await climb(rungs, "node", () => {})).description).toBe("apt");
    expect(rungs[0]?.probe).not.toHaveBeenCalled();
    expect(rungs[1]?.probe).not.toHaveBeenCalled();
  });

  it("names the four ways when none is open", async () => {
    const failure = climb([rung("url", "url", false), rung("node", "node", false)], undefined, () => {});
    await expect(failure).rejects.toMatchObject({
      code: "BROKER_NONE",
      message: expect.stringMatching(/AMQP_URL.*Docker.*install rabbitmq-server.*root on Debian/),
    });
  });

  it("names the restriction when that is why there is none", async () => {
    await expect(climb([rung("node", "node", true)], "url", () => {})).rejects.toThrow("WARREN_BROKER=url");
  });

  it("does not take another way when the one that was open fails", async () => {
    const failing: Rung = {
      kind: "container",
      probe: async () => ({
        doing: "trying",
        acquire: async () => {
          throw new Error("no such image");
        },
      }),
    };
    const next = rung("node", "node", true);
    await expect(climb([failing, next], undefined, () => {})).rejects.toThrow("no such image");
    expect(next.probe).not.toHaveBeenCalled();
  });
});

describe("the environment", () => {
  it("has an image and no restriction unless it says otherwise", () => {
    expect(loadConfig({ AMQP_URL: "", WARREN_BROKER: "" })).toEqual({
      amqpUrl: undefined,
      managementUrl: undefined,
      image: "rabbitmq:4.3-management",
      only: undefined,
    });
  });

  it("is refused when it restricts to a way that does not exist", () => {
    expect(() => loadConfig({ WARREN_BROKER: "docker" })).toThrow(
      'WARREN_BROKER: expected url, container, node, got "docker"',
    );
  });
});
