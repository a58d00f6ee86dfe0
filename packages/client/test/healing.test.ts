import { describe, expect, it } from "vitest";

import type { ClientGap, Healing, WarrenError } from "../src/index.ts";
import { heard, reaches, stage, until } from "./proof.ts";

describe("a client that misses an event on the live path", () => {
  it("notices by `previous`, delivers nothing out of order, and resumes from what it holds", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const data = heard(client);
    const healings: Healing[] = [];
    client.onHealing((healing) => healings.push(healing));
    await reaches(client, "live");
    gateway.script.lose = (datum, connection) => datum === "lost" && connection === 1;
    const held = gateway.append("had");
    const lost = gateway.append("lost");
    gateway.append("next");
    await until(() => expect(data).toEqual(["had", "lost", "next"]));
    expect(healings).toEqual([{ from: held, to: lost, attempt: 1 }]);
    expect(client.stats.healings).toBe(1);
    expect(gateway.handshakes[1]?.position).toBe(held);
  });

  it("announces what resuming does not bring as a gap, after a bounded number of tries, and goes on", async () => {
    const { gateway, join } = await stage();
    const client = join({ healAttempts: 2 });
    const data = heard(client);
    const gaps: ClientGap[] = [];
    const errors: WarrenError[] = [];
    client.onGap((gap) => gaps.push(gap));
    client.onError((error) => errors.push(error));
    await reaches(client, "live");
    gateway.script.lose = (datum) => datum === "lost";
    const held = gateway.append("had");
    const lost = gateway.append("lost");
    gateway.append("next");
    await until(() => expect(data).toEqual(["had", "next"]));
    expect(gaps).toEqual([{ from: held, to: lost, reason: "unhealed" }]);
    expect(errors.map(({ code }) => code)).toEqual(["LIVE_LOSS"]);
    expect(client.stats.healings).toBe(2);
    expect(gateway.handshakes.length).toBe(3);
    gateway.append("after");
    await until(() => expect(data).toEqual(["had", "next", "after"]));
  });
});
