import { describe, expect, it } from "vitest";

import { connect, type ConnectionState, type WarrenError } from "../src/index.ts";
import { reaches, stage, until } from "./proof.ts";

describe("the connection's state", () => {
  it("is told from the first connection to the end", async () => {
    const { gateway, join } = await stage();
    gateway.append(1);
    const client = join({ from: "first", autoConnect: false });
    const states: ConnectionState[] = [];
    client.onState((state) => states.push(state));
    expect(client.state).toBe("disconnected");
    client.reconnect();
    await reaches(client, "live");
    gateway.cut();
    await until(() => expect(client.stats.connections).toBe(2));
    await reaches(client, "live");
    client.disconnect();
    client.reconnect();
    await until(() => expect(client.stats.connections).toBe(3));
    await client.close();
    expect(states).toEqual([
      "connecting",
      "replaying",
      "live",
      "reconnecting",
      "live",
      "disconnected",
      "reconnecting",
      "live",
      "closed",
    ]);
    expect(() => client.reconnect()).toThrow("This client is closed.");
  });

  it("is refused, and stays so, when the gateway refuses for good; what waits rejects", async () => {
    const { gateway, join } = await stage();
    gateway.script.refuse = () => ({ code: "AUTH_REQUIRED", message: "No token.", retryable: false });
    const client = join({ autoConnect: false });
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    const refused = { code: "AUTH_REQUIRED", message: "No token.", retryable: false };
    const waiting = Promise.allSettled([client.publish("said", 1), client.subscribe(["a"])]);
    client.reconnect();
    expect(await waiting).toMatchObject([
      { status: "rejected", reason: { ...refused, name: "PublishRefused" } },
      { status: "rejected", reason: refused },
    ]);
    expect(client.state).toBe("refused");
    expect(errors).toMatchObject([refused]);
    await expect(client.publish("said", 1)).rejects.toMatchObject(refused);
    expect(gateway.handshakes.length).toBe(1);

    gateway.script = {};
    client.reconnect();
    await client.publish("said", 2);
    expect(client.state).toBe("live");
  });

  it("is refused where the server has no such namespace", async () => {
    const { gateway } = await stage();
    const client = connect(gateway.url.replace("/chat", "/nowhere"));
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    await reaches(client, "refused");
    expect(errors[0]?.code).toBe("NAMESPACE_UNKNOWN");
    await client.close();
  });

  it("comes to live after refusals that are retryable, no sooner than asked", async () => {
    const { gateway, join } = await stage();
    const times: number[] = [];
    gateway.script.refuse = (connection) => {
      times.push(performance.now());
      if (connection > 2) return undefined;
      return { code: "NOT_READY", message: "Starting.", retryable: true, retryAfterMs: 60 };
    };
    const client = join();
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    await reaches(client, "live");
    expect(errors.map(({ code }) => code)).toEqual(["NOT_READY", "NOT_READY"]);
    // A timer may fire within its own millisecond.
    expect(times[1]! - times[0]!).toBeGreaterThanOrEqual(59);
  });

  it("leaves a closing gateway at once, and comes back after the delay it was given", async () => {
    const { gateway, join } = await stage();
    const client = join();
    await reaches(client, "live");
    const closing = performance.now();
    gateway.emit("warren:closing", { retryAfterMs: 60 });
    await reaches(client, "reconnecting");
    await reaches(client, "live");
    expect(performance.now() - closing).toBeGreaterThanOrEqual(59);
    expect(client.stats.connections).toBe(2);
  });

  it("goes on trying a server that is away, and says so", async () => {
    const { gateway, join } = await stage();
    const client = join({ autoConnect: false });
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    await gateway.close();
    client.reconnect();
    await until(() => expect(errors.length).toBeGreaterThan(2));
    expect(errors[0]).toMatchObject({ code: "CONNECT_FAILED", retryable: true });
    expect(client.state).toBe("connecting");
  });

  it("says when a server never says warren:ready, and hears nothing from it", async () => {
    const { gateway, join } = await stage();
    gateway.script.mute = () => true;
    const client = join({ connectTimeoutMs: 60 });
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    gateway.emit("said", 1, { topic: "x", position: "1-00000001" });
    await until(() => expect(errors[0]?.code).toBe("CONNECT_TIMEOUT"));
    expect(client.stats).toMatchObject({ received: 0, connections: 0 });
  });

  it("can be changed by hand from within its own listeners", async () => {
    const { gateway, join } = await stage();
    const client = join();
    const acts = [() => client.disconnect(), () => client.reconnect(), () => {}, () => void client.close(), () => {}];
    const states: ConnectionState[] = [];
    await reaches(client, "live");
    client.onState((state) => {
      states.push(state);
      acts.shift()?.();
    });
    gateway.cut();
    await reaches(client, "closed");
    expect(states).toEqual(["reconnecting", "disconnected", "reconnecting", "live", "closed"]);
    await until(() => expect(gateway.seats.size).toBe(0));
    expect(gateway.handshakes.length).toBe(2);
  });
});

describe("the token", () => {
  it("is asked for before each connection, and asked for again when it cannot be had", async () => {
    const { gateway, join } = await stage();
    let asked = 0;
    const client = join({
      token: async () => {
        asked++;
        if (asked === 1) throw new Error("no session");
        return `token ${asked}`;
      },
    });
    const errors: WarrenError[] = [];
    client.onError((error) => errors.push(error));
    await reaches(client, "live");
    gateway.cut();
    await until(() => expect(client.stats.connections).toBe(2));
    expect(gateway.handshakes.map(({ token }) => token)).toEqual(["token 2", "token 3"]);
    expect(errors[0]).toMatchObject({ code: "TOKEN_FAILED", message: "No token: no session" });
  });
});

describe("options", () => {
  it("that cannot be are refused at once, all of them by name", () => {
    expect(() => connect("http://127.0.0.1:1/", { ackTimeoutMs: 0, publishWindow: Number.NaN })).toThrow(
      "ackTimeoutMs: expected a number of at least 1, got 0; publishWindow: expected a number of at least 1, got NaN",
    );
  });
});
