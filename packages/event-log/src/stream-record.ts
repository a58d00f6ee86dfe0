import type { Delivery } from "@warren/amqp";
import { MARKS_EXCHANGE } from "@warren/topology";
import { LogUnavailable, type LogRecord } from "./event-log.ts";
import { MARK_TYPE } from "./mark.ts";
import { recordCheck } from "./record-check.ts";

const OFFSET = "x-stream-offset";
const NO_HEADERS: Readonly<Record<string, unknown>> = Object.freeze({});

/** A stream's delivery as a record. Throws `LogUnavailable` when it came from a queue that is no stream. */
export function decodeRecord(delivery: Delivery): LogRecord {
  const { properties, body, routingKey } = delivery;
  const offset = properties.headers[OFFSET];
  if (typeof offset !== "number") throw new LogUnavailable(`a delivery without ${OFFSET}: the queue is no stream`);
  const id = properties.messageId;
  const type = properties.type;
  const time = timeOf(properties);
  // This runs for every event there is: one literal, always of the same shape, and no closure.
  return {
    offset,
    check: recordCheck({ topic: routingKey, id, time, body }),
    topic: routingKey,
    body,
    id,
    type,
    contentType: properties.contentType,
    contentEncoding: properties.contentEncoding,
    time,
    headers: publishersHeaders(properties.headers),
    // Both, because anybody may use the type: only the log's own marks come through its own exchange.
    mark: type === MARK_TYPE && delivery.exchange === MARKS_EXCHANGE,
  };
}

function timeOf(properties: Delivery["properties"]): number | undefined {
  const precise = properties.headers["timestamp_in_ms"];
  if (typeof precise === "number" && Number.isFinite(precise)) return precise;
  return properties.timestamp === undefined ? undefined : properties.timestamp * 1000;
}

function publishersHeaders(headers: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  let copy: Record<string, unknown> | undefined;
  for (const name in headers) {
    if (name === OFFSET) continue;
    copy ??= {};
    // A publisher may call a header anything; assigning this one would change the copy's prototype instead.
    if (name === "__proto__") Object.defineProperty(copy, name, { value: headers[name], enumerable: true });
    else copy[name] = headers[name];
  }
  return copy ?? NO_HEADERS;
}
