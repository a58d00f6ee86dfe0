import { isUtf8 } from "node:buffer";
import {
  after,
  formatPosition,
  isReservedEvent,
  type EventMeta,
  type Position,
  type PositionString,
} from "@warren/events";
import type { LogRecord } from "@warren/event-log";

/** Header in which a gateway notes the subject of the publisher's token. */
const SENDER_HEADER = "warren-sender";

/**
 * A record of the log as the gateway keeps it: what is the same for every client is worked out once, when the first
 * client needs it.
 */
export class LoggedEvent {
  readonly offset: number;
  readonly check: string;
  readonly topic: string;
  /** For nobody: a mark of the log's own, or the repeat of an event that everyone had already. */
  readonly silent: boolean;
  /** Unit: bytes this event is counted with in a ring's bound: its body, and a flat rate for the objects around it. */
  readonly bytes: number;
  #record: LogRecord | undefined;
  #wire: WireEvent | undefined;
  #position: PositionString | undefined;

  /** @param repeat whether the log holds the same event earlier already: see Deduper */
  constructor(record: LogRecord, repeat: boolean) {
    this.offset = record.offset;
    this.check = record.check;
    this.topic = record.topic;
    this.silent = record.mark || repeat;
    this.bytes = record.body.length + 512;
    this.#record = record;
  }

  get position(): PositionString {
    return (this.#position ??= formatPosition(this.place));
  }

  get place(): Position {
    return after(this.offset, this.check);
  }

  get value(): EventValue {
    const { head, attachment } = this.wire;
    const [type, data, meta] = JSON.parse(`${head}}]`) as [string, unknown, EventMeta];
    return { type, data: attachment ?? data, meta };
  }

  get wire(): WireEvent {
    if (this.#wire === undefined) {
      this.#wire = toWire(this.#record!, this.position);
      this.#record = undefined;
    }
    return this.#wire;
  }
}

/** An event as a value, for answers that Socket.IO encodes itself. */
export interface EventValue {
  readonly type: string;
  readonly data: unknown;
  readonly meta: EventMeta;
}

/** The parts of an event's Socket.IO packet that do not depend on who receives it. */
export interface WireEvent {
  /** JSON of the event's name and data, and of the fields of `meta` that are the same for everyone; ends inside the object. */
  readonly head: string;
  /** The data, where it travels as a binary attachment and `head` holds only its placeholder. */
  readonly attachment: Buffer | undefined;
}

const PLACEHOLDER = '{"_placeholder":true,"num":0}';

function toWire(record: LogRecord, position: PositionString): WireEvent {
  const name = record.type === undefined || record.type === "" ? record.topic : record.type;
  const reserved = isReservedEvent(name);
  const text = dataText(record);
  let head = `[${JSON.stringify(reserved ? `event:${name}` : name)},${text ?? PLACEHOLDER},{`;
  if (record.id !== undefined) head += `"id":${JSON.stringify(record.id)},`;
  head += `"topic":${JSON.stringify(record.topic)},"position":"${position}"`;
  if (record.time !== undefined) head += `,"time":${record.time}`;
  const sender = record.headers[SENDER_HEADER];
  if (typeof sender === "string") head += `,"sender":${JSON.stringify(sender)}`;
  if (reserved) head += `,"type":${JSON.stringify(name)}`;
  return { head, attachment: text === undefined ? record.body : undefined };
}

/**
 * The JSON text that stands for the body, or undefined where only bytes are true to it. A JSON body is passed on as it
 * was written, so that its numbers and spacing reach the client byte for byte.
 */
function dataText({ body, contentType, contentEncoding }: LogRecord): string | undefined {
  if (contentEncoding !== undefined && !/^(|identity|utf-?8)$/i.test(contentEncoding)) return undefined;
  const [media, ...parameters] = (contentType ?? "")
    .toLowerCase()
    .split(";")
    .map((part) => part.trim());
  const charset = parameters
    .find((parameter) => parameter.startsWith("charset="))
    ?.slice("charset=".length)
    .replaceAll('"', "");
  if (charset !== undefined && charset !== "utf-8" && charset !== "utf8" && charset !== "us-ascii") return undefined;
  if (!isUtf8(body)) return undefined;
  if (media === "application/json" || media?.endsWith("+json")) {
    const text = body.toString("utf8");
    return isJson(text) ? text : undefined;
  }
  return media?.startsWith("text/") ? JSON.stringify(body.toString("utf8")) : undefined;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
