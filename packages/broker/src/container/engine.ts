import { existsSync } from "node:fs";
import { request } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

import { BrokerError } from "../errors.ts";

/** Where a Docker engine answers. */
export type EngineAddress = { socketPath: string } | { host: string; port: number };

/** Milliseconds a probe may take: start-up waits for it. */
const PROBE_TIMEOUT_MS = 1_500;
const REQUEST_TIMEOUT_MS = 60_000;

/**
 * The engine that answers: the one of DOCKER_HOST when that is set, else the first of the usual sockets.
 *
 * @returns `undefined` when none does
 */
export async function findEngine(env: Record<string, string | undefined>): Promise<EngineAddress | undefined> {
  for (const address of addresses(env)) {
    const answer = await engineRequest(address, "GET", "/_ping", { timeoutMs: PROBE_TIMEOUT_MS }).catch(
      () => undefined,
    );
    if (answer?.status === 200) return address;
  }
  return undefined;
}

function addresses(env: Record<string, string | undefined>): EngineAddress[] {
  const given = env["DOCKER_HOST"];
  if (given) {
    const url = new URL(given);
    if (url.protocol === "unix:") return [{ socketPath: url.pathname }];
    return [{ host: url.hostname, port: Number(url.port || 2375) }];
  }
  const sockets = ["/var/run/docker.sock", join(homedir(), ".docker/run/docker.sock")];
  if (env["XDG_RUNTIME_DIR"]) sockets.push(join(env["XDG_RUNTIME_DIR"], "docker.sock"));
  return sockets.filter((socketPath) => existsSync(socketPath)).map((socketPath) => ({ socketPath }));
}

export interface EngineAnswer {
  status: number;
  body: Buffer;
}

/** One request to the engine's API. A status below 500 is an answer. */
export async function engineRequest(
  address: EngineAddress,
  method: "GET" | "POST" | "DELETE",
  path: string,
  options: { body?: unknown; timeoutMs?: number } = {},
): Promise<EngineAnswer> {
  return new Promise((resolve, reject) => {
    const unreachable = (cause: unknown) =>
      reject(new BrokerError("BROKER_UNREACHABLE", `the Docker engine does not answer ${method} ${path}`, { cause }));
    const sent = request({
      ...address,
      method,
      path,
      agent: false,
      headers: { host: "docker", "content-type": "application/json" },
      signal: AbortSignal.timeout(options.timeoutMs ?? REQUEST_TIMEOUT_MS),
    });
    sent.once("error", unreachable);
    sent.once("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.once("error", unreachable);
      response.once("end", () => resolve({ status: response.statusCode ?? 0, body: Buffer.concat(chunks) }));
    });
    sent.end(options.body === undefined ? undefined : JSON.stringify(options.body));
  });
}
