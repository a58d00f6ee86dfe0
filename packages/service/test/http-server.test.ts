import { once } from "node:events";
import { request as httpRequest, Agent } from "node:http";
import { connect } from "node:net";
import { text as readText } from "node:stream/consumers";
import type { FastifyInstance } from "fastify";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import {
  createHealth,
  createHttpServer,
  createLogger,
  healthRoutes,
  metricsRoute,
  portTaken,
  Registry,
} from "../src/index.ts";

let app: FastifyInstance;
const logger = createLogger({ name: "test", level: "silent" });

class Coded extends Error {
  readonly code: string;
  constructor(code: string) {
    super(`because of ${code}`);
    this.code = code;
  }
  toClient() {
    return { code: this.code, message: this.message, retryable: true, retryAfterMs: 1_500 };
  }
}

beforeEach(() => {
  app = createHttpServer({ logger, bodyLimitBytes: 100 });
  app.post("/echo", (request, reply) => reply.send(request.body));
  app.get<{ Params: { code: string } }>("/coded/:code", (request) => {
    throw new Coded(request.params.code);
  });
  app.get("/broken", () => {
    throw new Error("the password is hunter2");
  });
});
afterEach(() => app.close());

describe("an HTTP failure", () => {
  it("of a coded error has the status of its code, the error as it says itself, and retry-after in whole seconds", async () => {
    const answer = await app.inject("/coded/UNROUTABLE");
    expect(answer.statusCode).toBe(503);
    expect(answer.json()).toEqual({
      error: { code: "UNROUTABLE", message: "because of UNROUTABLE", retryable: true, retryAfterMs: 1_500 },
    });
    expect(answer.headers["retry-after"]).toBe("2");
  });

  it("of a coded error whose code has no status is answered with 500", async () => {
    expect((await app.inject("/coded/NEVER_HEARD_OF")).statusCode).toBe(500);
  });

  it("that was not foreseen shows nothing of its cause", async () => {
    const answer = await app.inject("/broken");
    expect(answer.statusCode).toBe(500);
    expect(answer.json()).toMatchObject({ error: { code: "INTERNAL", retryable: true } });
    expect(answer.body).not.toContain("hunter2");
  });

  it.each([
    ["an unknown address", { method: "GET", url: "/nowhere?x=1" }, 404, "NOT_FOUND"],
    ["an address that is none", { method: "GET", url: "/%E0%A4%A" }, 400, "PAYLOAD_INVALID"],
    [
      "a body over the limit",
      { method: "POST", url: "/echo", payload: { long: "x".repeat(100) } },
      413,
      "PAYLOAD_TOO_LARGE",
    ],
    [
      "broken JSON",
      { method: "POST", url: "/echo", payload: "{", headers: { "content-type": "application/json" } },
      400,
      "PAYLOAD_INVALID",
    ],
    [
      "an unknown content type",
      { method: "POST", url: "/echo", payload: "x", headers: { "content-type": "image/png" } },
      415,
      "PAYLOAD_INVALID",
    ],
  ] as const)("for %s is coded too", async (_what, request, status, code) => {
    const answer = await app.inject(request);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toEqual({ error: { code, message: expect.any(String), retryable: false } });
  });

  it("for bytes that are no HTTP is coded too", async () => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    const socket = connect(portOf(app), "127.0.0.1");
    socket.write("hello?\r\n\r\n");
    const answer = await readText(socket);
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n/);
    expect(JSON.parse(answer.split("\r\n\r\n")[1]!)).toMatchObject({
      error: { code: "PAYLOAD_INVALID", retryable: false },
    });
  });
});

describe("a server that closes", () => {
  it("finishes what it took, and answers 503 CLOSING on connections that are still open", async () => {
    const taken = Promise.withResolvers<undefined>();
    const release = Promise.withResolvers<undefined>();
    app.get("/slow", async () => {
      taken.resolve(undefined);
      await release.promise;
      return { done: true };
    });
    await app.listen({ port: 0, host: "127.0.0.1" });
    const port = portOf(app);
    // Two connections, both open before the server stops listening.
    const slow = get(port, "/slow", new Agent({ keepAlive: true, maxSockets: 1 }));
    await taken.promise;
    const second = connect(port, "127.0.0.1");
    await once(second, "connect");
    second.write("GET /slow HTTP/1.1\r\nhost: x\r\n");

    const closing = app.close();
    second.write("\r\n");
    const refused = await readText(second);
    expect(refused).toMatch(/^HTTP\/1\.1 503 /);
    expect(refused).toContain('"code":"CLOSING"');
    expect(refused.toLowerCase()).toContain("retry-after: 1\r\n");

    release.resolve(undefined);
    expect(await slow).toEqual({ status: 200, body: '{"done":true}' });
    await closing;
  });
});

describe("health", () => {
  it("is ready only once every expected check is ok, and not while one is not", async () => {
    const health = createHealth(["broker", "log"]);
    healthRoutes(app, health);
    const ready = async () => {
      const answer = await app.inject("/readyz");
      return [answer.statusCode, answer.json()];
    };
    expect((await app.inject("/healthz")).statusCode).toBe(200);
    expect((await ready())[0]).toBe(503);
    health.set("broker", true);
    expect((await ready())[0]).toBe(503);
    health.set("log", true);
    expect(await ready()).toEqual([200, { ready: true, checks: { broker: { ok: true }, log: { ok: true } } }]);
    health.set("broker", false, "away");
    expect(await ready()).toEqual([
      503,
      { ready: false, checks: { broker: { ok: false, detail: "away" }, log: { ok: true } } },
    ]);
  });
});

describe("metrics", () => {
  it("are served for Prometheus, with the delay of the event loop, and a registry may be served twice", async () => {
    const registry = new Registry();
    metricsRoute(app, registry);
    const answer = await app.inject("/metrics");
    expect(answer.headers["content-type"]).toMatch(/^text\/plain/);
    expect(answer.body).toMatch(/^nodejs_eventloop_lag_p99_seconds [\d.e-]+$/m);
    const other = createHttpServer({ logger });
    expect(() => metricsRoute(other, registry)).not.toThrow();
    await other.close();
  });
});

describe("portTaken", () => {
  it("says in one sentence what to do about a port that is taken, and nothing about other errors", async () => {
    await app.listen({ port: 0, host: "127.0.0.1" });
    const port = portOf(app);
    const other = createHttpServer({ logger });
    const error: unknown = await other.listen({ port, host: "127.0.0.1" }).catch((error: unknown) => error);
    expect(portTaken(error, port, "SAMPLE_PORT")).toBe(
      `SAMPLE_PORT: port ${port} is taken by another process; stop it, or set SAMPLE_PORT to a free port`,
    );
    expect(portTaken(new Error("else"), port, "SAMPLE_PORT")).toBeUndefined();
    await other.close();
  });
});

function portOf(server: FastifyInstance): number {
  const address = server.server.address();
  if (address === null || typeof address === "string") throw new Error("the server does not listen on a port");
  return address.port;
}

function get(port: number, path: string, agent: Agent): Promise<{ status: number | undefined; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest({ port, path, agent, host: "127.0.0.1" }, (response) => {
      readText(response)
        .then((body) => resolve({ status: response.statusCode, body }))
        .catch(reject)
        .finally(() => agent.destroy());
    });
    request.on("error", reject);
    request.end();
  });
}
