import { once as eventOnce } from "node:events";
import { request as httpRequest, type IncomingMessage } from "node:http";
import { request as httpsRequest } from "node:https";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

import { BrokerError } from "./errors.ts";

export interface ManagementOptions {
  /** Without credentials. */
  url: string;
  username: string;
  password: string;
  /** How long an API that is not there yet is asked again, in milliseconds. @default 15_000 */
  warmUpMs?: number;
}

/** RabbitMQ's management API. Paths begin with `/api`; `undefined` stands for a 404. */
export interface Management {
  get<T>(path: string): Promise<T | undefined>;
  put(path: string, body?: unknown): Promise<void>;
  post<T>(path: string, body: unknown): Promise<T>;
  /** @returns whether there was something to delete */
  delete(path: string): Promise<boolean>;
}

type Method = "GET" | "PUT" | "POST" | "DELETE";

const REQUEST_TIMEOUT_MS = 10_000;
const RETRY_EVERY_MS = 100;

/** @throws BrokerError `MANAGEMENT_REFUSED` for an answer that is an error, `BROKER_UNREACHABLE` for none */
export function createManagement(options: ManagementOptions): Management {
  const authorization = `Basic ${Buffer.from(`${options.username}:${options.password}`).toString("base64")}`;

  // Not by `fetch`: undici throws where nobody can catch it when a `connection: close` answer ends before it was read
  // (nodejs/undici#5360), which a large one often does.
  async function once(method: Method, path: string, body: unknown): Promise<Response> {
    const sent = (options.url.startsWith("https:") ? httpsRequest : httpRequest)(options.url + path, {
      method,
      // A kept-alive socket would not outlive a restart of the broker, and a lost POST must not be ambiguous.
      agent: false,
      headers: {
        authorization,
        connection: "close",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
      },
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    // An error after the answer began is the answer's, and `buffer` rejects with it.
    sent.on("error", () => {});
    sent.end(body === undefined ? undefined : JSON.stringify(body));
    const [answer] = (await eventOnce(sent, "response")) as [IncomingMessage];
    const bytes = await buffer(answer);
    const status = answer.statusCode ?? 0;
    return new Response(status === 204 || status === 304 ? null : new Uint8Array(bytes), { status });
  }

  async function request(method: Method, path: string, body?: unknown): Promise<Response> {
    const until = performance.now() + (options.warmUpMs ?? 15_000);
    for (;;) {
      const retryable = performance.now() < until;
      try {
        const response = await once(method, path, body);
        // The API listens before all of it is up. A POST that was taken may have had its effect.
        const warmingUp = response.status >= 500 && method !== "POST" && !isHealthCheck(path);
        if (!warmingUp || !retryable) return response;
        await response.arrayBuffer();
      } catch (error) {
        const notThere = errorCode(error) === "ECONNREFUSED";
        if (!retryable || !(notThere || method !== "POST")) {
          throw new BrokerError("BROKER_UNREACHABLE", `the management API at ${options.url} does not answer`, {
            cause: error,
          });
        }
      }
      await sleep(RETRY_EVERY_MS);
    }
  }

  return {
    async get<T>(path: string) {
      const response = await request("GET", path);
      if (response.status === 404) return undefined;
      if (!response.ok && !isHealthCheck(path)) throw await refused(response, "GET", path);
      return (await response.json()) as T;
    },
    async put(path, body = {}) {
      const response = await request("PUT", path, body);
      if (!response.ok) throw await refused(response, "PUT", path);
      await response.arrayBuffer();
    },
    async post<T>(path: string, body: unknown) {
      const response = await request("POST", path, body);
      if (!response.ok) throw await refused(response, "POST", path);
      const text = await response.text();
      return (text === "" ? undefined : JSON.parse(text)) as T;
    },
    async delete(path) {
      const response = await request("DELETE", path);
      if (response.status !== 404 && !response.ok) throw await refused(response, "DELETE", path);
      await response.arrayBuffer();
      return response.ok;
    },
  };
}

/** A failed health check is an answer (503), not an API that is still warming up. */
function isHealthCheck(path: string): boolean {
  return path.startsWith("/api/health/");
}

/** The system's code for a failed `fetch`, such as `ECONNREFUSED`. */
function errorCode(error: unknown): string | undefined {
  const cause = error instanceof Error ? (error.cause ?? error) : undefined;
  return cause instanceof Error && "code" in cause ? String(cause.code) : undefined;
}

async function refused(response: Response, method: Method, path: string): Promise<BrokerError> {
  const text = (await response.text()).slice(0, 500);
  return new BrokerError("MANAGEMENT_REFUSED", `${method} ${path}: ${response.status} ${text}`);
}
