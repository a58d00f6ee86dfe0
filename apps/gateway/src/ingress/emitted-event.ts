import { CodedError, isReservedEvent, topicFault, utf8Length, type Topic } from "@warren/events";
import type { Namespace } from "../namespaces/load.ts";

/** What a client's emit asks to be published. */
export interface EmittedEvent {
  readonly type: string;
  readonly topic: Topic;
  /** Given by the client, who will give it again when it retries. */
  readonly id: string | undefined;
  readonly headers: Readonly<Record<string, string | number | boolean>>;
  readonly body: Buffer;
  readonly contentType: string;
}

const MAX_NAME_BYTES = 255;
const MAX_HEADERS = 50;

/**
 * Reads `socket.emit(type, data, options?)`. `options` is an id, or `{ id, topic, headers }`.
 * Throws CodedError naming what is wrong.
 */
export function readEmittedEvent(args: readonly unknown[], namespace: Namespace, maxPayload: number): EmittedEvent {
  const [type, data, options, ...rest] = args;
  if (typeof type !== "string" || type === "" || !type.isWellFormed() || utf8Length(type) > MAX_NAME_BYTES) {
    throw new CodedError("TYPE_INVALID", `expected an event type of 1 to ${MAX_NAME_BYTES} bytes of text`);
  }
  if (isReservedEvent(type)) throw new CodedError("EVENT_RESERVED", `"${type}" is no event that a client may emit`);
  if (rest.length > 0)
    throw new CodedError("EVENT_INVALID", `expected (data, options?, ack?), got ${args.length - 1} arguments`);
  const { id, topic, headers } = readOptions(options);
  const { body, contentType } = encodeData(data);
  if (body.length > maxPayload) {
    throw new CodedError("PAYLOAD_TOO_LARGE", `expected a body of at most ${maxPayload} bytes, got ${body.length}`);
  }
  const destination = topic ?? namespace.emit[type]?.topic ?? type;
  const fault = topicFault(destination);
  if (fault !== undefined) throw new CodedError("TOPIC_INVALID", fault);
  return { type, topic: destination, id, headers, body, contentType };
}

function readOptions(options: unknown): {
  id: string | undefined;
  topic: string | undefined;
  headers: EmittedEvent["headers"];
} {
  if (options === undefined || options === null) return { id: undefined, topic: undefined, headers: {} };
  if (typeof options === "string") return { id: readId(options), topic: undefined, headers: {} };
  if (typeof options !== "object" || Array.isArray(options) || Buffer.isBuffer(options)) {
    throw new CodedError(
      "EVENT_INVALID",
      `expected options to be an id or { id, topic, headers }, got ${typeof options}`,
    );
  }
  const { id, topic, headers, ...unknown } = options as Record<string, unknown>;
  const [stray] = Object.keys(unknown);
  if (stray !== undefined)
    throw new CodedError("EVENT_INVALID", `unknown option "${stray.slice(0, 40)}": expected { id, topic, headers }`);
  const fault = topic === undefined ? undefined : topicFault(topic);
  if (fault !== undefined) throw new CodedError("TOPIC_INVALID", fault);
  return { id: readId(id), topic: topic as string | undefined, headers: readHeaders(headers) };
}

function readId(id: unknown): string | undefined {
  if (id === undefined) return undefined;
  if (typeof id !== "string" || id === "" || !id.isWellFormed() || utf8Length(id) > MAX_NAME_BYTES) {
    throw new CodedError("ID_INVALID", `expected an id of 1 to ${MAX_NAME_BYTES} bytes of text`);
  }
  return id;
}

function readHeaders(headers: unknown): EmittedEvent["headers"] {
  if (headers === undefined) return {};
  if (typeof headers !== "object" || headers === null || Array.isArray(headers)) {
    throw new CodedError("HEADERS_INVALID", "expected headers to be an object");
  }
  const entries = Object.entries(headers);
  if (entries.length > MAX_HEADERS)
    throw new CodedError("HEADERS_INVALID", `expected at most ${MAX_HEADERS} headers, got ${entries.length}`);
  for (const [name, value] of entries) {
    if (name === "" || utf8Length(name) > MAX_NAME_BYTES)
      throw new CodedError("HEADERS_INVALID", "a header's name must be 1 to 255 bytes");
    if (/^(x-|warren-)/i.test(name))
      throw new CodedError(
        "HEADERS_INVALID",
        `header "${name}": names that begin with x- or warren- are not for clients`,
      );
    if (
      typeof value !== "string" &&
      typeof value !== "boolean" &&
      !(typeof value === "number" && Number.isFinite(value))
    ) {
      throw new CodedError("HEADERS_INVALID", `header "${name}": expected text, a number or a boolean`);
    }
  }
  return headers as EmittedEvent["headers"];
}

function encodeData(data: unknown): { body: Buffer; contentType: string } {
  if (Buffer.isBuffer(data)) return { body: data, contentType: "application/octet-stream" };
  if (holdsBinary(data))
    throw new CodedError("PAYLOAD_INVALID", "binary data must be the whole body, not a part of it");
  return { body: Buffer.from(JSON.stringify(data ?? null)), contentType: "application/json" };
}

/** JSON would turn a nested Buffer into an object of numbers, which nobody who receives it expects. */
function holdsBinary(data: unknown): boolean {
  if (typeof data !== "object" || data === null) return false;
  if (Buffer.isBuffer(data)) return true;
  return Object.values(data).some(holdsBinary);
}
