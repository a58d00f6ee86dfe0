import { createLogger, type HttpError } from "@warren/service";
import { createProducer, type Producer } from "../src/app.ts";
import type { BodyLimits } from "../src/body-budget.ts";
import type { ProducerConfig } from "../src/config.ts";
import { sign } from "../src/webhooks/github/signature.ts";

export const SECRET = "test-secret";

export type RunningProducer = Producer & AsyncDisposable;

/** A producer on a free port, closed at the end of the scope that uses it. */
export function makeProducer(
  config: Partial<ProducerConfig> & { amqpUrl: string },
  bodies: Partial<BodyLimits> = {},
): RunningProducer {
  const producer = createProducer(
    {
      host: "127.0.0.1",
      port: 0,
      githubSecret: SECRET,
      exchanges: ["chat", "github"],
      confirmTimeoutMs: 5_000,
      logLevel: "silent",
      ...config,
    },
    { logger: createLogger({ name: "test", level: "silent" }), bodies },
  );
  return Object.defineProperty(producer, Symbol.asyncDispose, { value: () => producer.close() }) as RunningProducer;
}

export async function startProducer(
  config: Partial<ProducerConfig> & { amqpUrl: string },
  bodies?: Partial<BodyLimits>,
): Promise<RunningProducer> {
  const producer = makeProducer(config, bodies);
  await producer.start(new AbortController().signal);
  return producer;
}

export interface Answer {
  status: number;
  headers: Headers;
  body: { ok?: true; id?: string; topic?: string; error?: HttpError };
}

export async function postEvent(producer: { url: string }, exchange: string, body: unknown): Promise<Answer> {
  return post(`${producer.url}/events/${exchange}`, JSON.stringify(body), { "content-type": "application/json" });
}

/** A signed delivery; `headers` come over the right ones, and those that are undefined are left out. */
export async function postDelivery(
  producer: { url: string },
  body: string | Buffer,
  headers: Record<string, string | undefined> = {},
): Promise<Answer> {
  const bytes = Buffer.from(body);
  return post(`${producer.url}/webhooks/github`, bytes, {
    "content-type": "application/json",
    "x-github-delivery": crypto.randomUUID(),
    "x-github-event": "push",
    "x-hub-signature-256": sign(SECRET, bytes),
    ...headers,
  });
}

async function post(url: string, body: string | Buffer, headers: Record<string, string | undefined>): Promise<Answer> {
  const given = Object.entries(headers).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const response = await fetch(url, {
    method: "POST",
    body: Buffer.isBuffer(body) ? new Uint8Array(body) : body,
    headers: given,
  });
  return { status: response.status, headers: response.headers, body: (await response.json()) as Answer["body"] };
}

export async function ready(producer: { url: string }): Promise<boolean> {
  return (await fetch(`${producer.url}/readyz`)).status === 200;
}
