import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { DemoConfig } from "../config.ts";
import { sign } from "../webhooks/github/signature.ts";
import type { DemoDelivery } from "./deliveries.ts";

export interface PostOptions extends DemoConfig {
  /** Unit: milliseconds. How long a delivery that got 503, or no answer, is sent again. 0: never. */
  retryForMs: number;
  signal: AbortSignal;
  onRetry?(reason: string): void;
}

/** `retryable`: it might have been accepted later. */
export type Outcome = { ok: true } | { ok: false; reason: string; retryable: boolean };

/** Unit: milliseconds. No producer takes longer than its confirm timeout to answer. */
const ANSWER_TIMEOUT_MS = 30_000;
/** Unit: milliseconds. Where the answer does not say when to come back. */
const RETRY_AFTER_MS = 1_000;

const failure = z.object({
  error: z.object({
    code: z.string(),
    message: z.string(),
    retryable: z.boolean(),
    retryAfterMs: z.number().optional(),
  }),
});

/** Posts one delivery until it is accepted, refused for good, or out of time; each time with the same delivery id. */
export async function postDelivery(delivery: DemoDelivery, options: PostOptions): Promise<Outcome> {
  const id = randomUUID();
  const deadline = performance.now() + options.retryForMs;
  for (;;) {
    const answer = await attempt(delivery, id, options);
    if (answer.ok) return answer;
    const waitMs = answer.retryAfterMs;
    if (waitMs === undefined || options.signal.aborted || performance.now() + waitMs > deadline) {
      return { ok: false, reason: answer.reason, retryable: waitMs !== undefined };
    }
    options.onRetry?.(answer.reason);
    await sleep(waitMs, undefined, { signal: options.signal }).catch(() => {});
  }
}

type Answer = { ok: true } | { ok: false; reason: string; retryAfterMs?: number };

async function attempt({ event, body }: DemoDelivery, id: string, options: PostOptions): Promise<Answer> {
  try {
    const response = await fetch(new URL("/webhooks/github", options.producerUrl), {
      method: "POST",
      body: new Uint8Array(body),
      headers: {
        "content-type": "application/json",
        "x-github-delivery": id,
        "x-github-event": event,
        "x-hub-signature-256": sign(options.githubSecret, body),
      },
      signal: AbortSignal.any([options.signal, AbortSignal.timeout(ANSWER_TIMEOUT_MS)]),
    });
    const text = await response.text();
    return response.status === 202 ? { ok: true } : refusal(response.status, text);
  } catch (error) {
    // Away in the middle of the run: being started again, perhaps.
    return { ok: false, reason: `no answer (${causeOf(error)})`, retryAfterMs: RETRY_AFTER_MS };
  }
}

function refusal(status: number, text: string): Answer {
  const { data } = failure.safeParse(parse(text));
  const reason = data === undefined ? `${status}` : `${status} ${data.error.code}: ${data.error.message}`;
  if (status !== 503) return { ok: false, reason };
  return { ok: false, reason, retryAfterMs: data?.error.retryAfterMs ?? RETRY_AFTER_MS };
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** `fetch failed` says nothing; its cause does. */
export function causeOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? error.cause : error;
  return "code" in cause && typeof cause.code === "string" ? cause.code : cause.message;
}
