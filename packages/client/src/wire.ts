import type { EventMeta, GapReason, Pattern, PositionString } from "@warren/events";

import type { Refusal } from "./errors.ts";

/** `warren:gap` as it came; a newer gateway may know reasons that this client does not. */
export interface WireGap {
  readonly from: PositionString;
  readonly to: PositionString;
  readonly reason: GapReason | (string & {});
}

export interface WireReady {
  readonly position: PositionString;
  readonly status: "live" | "replaying";
  readonly topics: readonly Pattern[];
}

function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null) return undefined;
  const found: unknown = Reflect.get(value, name);
  return found;
}

/** The position in a control message or an ack. */
export function readPosition(value: unknown): PositionString | undefined {
  const position = field(value, "position");
  return typeof position === "string" ? position : undefined;
}

export function readReady(value: unknown): WireReady | undefined {
  const position = readPosition(value);
  if (position === undefined) return undefined;
  const topics = field(value, "topics");
  return {
    position,
    status: field(value, "status") === "replaying" ? "replaying" : "live",
    topics: Array.isArray(topics) ? topics.filter((topic) => typeof topic === "string") : [],
  };
}

export function readGap(value: unknown): WireGap | undefined {
  const from = field(value, "from");
  const to = field(value, "to");
  const reason = field(value, "reason");
  if (typeof from !== "string" || typeof to !== "string" || typeof reason !== "string") return undefined;
  return { from, to, reason };
}

export function readRetryAfterMs(value: unknown): number | undefined {
  const retryAfterMs = field(value, "retryAfterMs");
  return typeof retryAfterMs === "number" ? retryAfterMs : undefined;
}

/** Whether this is what travels with every event of a gateway's. */
export function isMeta(value: unknown): value is EventMeta {
  return typeof value === "object" && value !== null && "position" in value && typeof value.position === "string";
}

/** An ack: undefined when the gateway says ok, why not when it does not. */
export function readAck(name: string, answer: unknown): Refusal | undefined {
  if (field(answer, "ok") === true) return undefined;
  const message = `The ack for ${name} is none that a gateway gives.`;
  return readRefusal(field(answer, "error")) ?? { code: "PROTOCOL_VIOLATION", message, retryable: false };
}

/** What a gateway sent as an error, or undefined when it is none. */
export function readRefusal(value: unknown): Refusal | undefined {
  const code = field(value, "code");
  const message = field(value, "message");
  const retryable = field(value, "retryable");
  if (typeof code !== "string" || typeof retryable !== "boolean") return undefined;
  const retryAfterMs = readRetryAfterMs(value);
  return { code, message: typeof message === "string" ? message : code, retryable, retryAfterMs };
}

/** The id in an ack of a publish. */
export function readId(answer: unknown): string | undefined {
  const id = field(answer, "id");
  return typeof id === "string" ? id : undefined;
}
