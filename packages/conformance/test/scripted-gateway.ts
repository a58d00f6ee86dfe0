import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  clientError,
  compilePatterns,
  formatPosition,
  isReservedEvent,
  parsePosition,
  patternFault,
  topicFault,
  type ErrorCode,
  type EventMeta,
  type Pattern,
  type Position,
} from "@warren/events";
import { Server, type Socket } from "socket.io";

interface Logged {
  readonly type: string;
  readonly data: unknown;
  readonly topic: string;
  readonly id: string;
  readonly offset: number;
}

/** Where the scripted gateway does what it must not. Each is a place to break one rule. */
export interface Sabotage {
  /** Says nothing, or something else, before warren:ready. */
  ready?: (socket: Socket, ready: () => void) => void;
  /** What is replayed after the event at this offset (-1: after no event). */
  replay?: (events: Logged[], after: number, log: readonly Logged[]) => Logged[];
  /** What is sent live for one event, to one socket. */
  live?: (event: Logged, socket: Socket) => Logged[];
  meta?: (meta: EventMeta, event: Logged) => EventMeta;
  /** The answer to a publish that must be refused. */
  refused?: (answer: object, publish: () => void) => object;
  gap?: (send: () => void) => void;
  /** Whether an id that was there already counts as new. */
  repeats?: boolean;
  caughtUp?: (send: () => void) => void;
  data?: (data: unknown) => unknown;
  unsubscribes?: false;
  pageSize?: number;
  code?: (code: ErrorCode) => ErrorCode;
  listens?: "acked only";
}

class Refusal extends Error {
  readonly code: ErrorCode;
  constructor(code: ErrorCode) {
    super(`this is ${code}`);
    this.code = code;
  }
}

function refuseUnless(fact: boolean, code: ErrorCode): asserts fact {
  if (!fact) throw new Refusal(code);
}

const CHECK = "0000abcd";
const at = (offset: number) => formatPosition({ offset, check: CHECK, before: false });

/** Keeps the protocol on a log in memory, as simply as it can be kept; with a sabotage, all of it but one rule. */
export async function scriptedGateway(sabotage: Sabotage = {}): Promise<{ url: string; close: () => Promise<void> }> {
  const http = createServer();
  const io = new Server(http, { maxHttpBufferSize: 8 * 1024 ** 2 });
  // Offset 0 is nobody's event, so that there is a position before the first one.
  const log: Logged[] = [];
  const sinks = new Set<(event: Logged) => void>();
  const end = () => log.length;

  const publish = (event: Omit<Logged, "offset">) => {
    if (sabotage.repeats !== true && log.some(({ id }) => id === event.id)) return;
    const logged = { ...event, offset: log.length + 1 };
    log.push(logged);
    for (const sink of sinks) sink(logged);
  };

  const namespaces = io.of(/.*/);
  namespaces.use((socket, next) => {
    try {
      refuseUnless(socket.nsp.name === "/chat", "NAMESPACE_UNKNOWN");
      readTopics(socket.handshake.auth["topics"] ?? []);
      readPosition(socket.handshake.auth["position"] ?? socket.handshake.auth["serverOffset"]);
      next();
    } catch (error) {
      next(Object.assign(new Error("refused"), { data: toError(error, sabotage) }));
    }
  });
  namespaces.on("connection", (socket) => serve(socket));

  function serve(socket: Socket): void {
    let topics: Pattern[] = readTopics(socket.handshake.auth["topics"] ?? []);
    let previous: string | undefined;
    const send = (event: Logged, replayed: boolean) => {
      const position = at(event.offset);
      const meta: EventMeta = { id: event.id, topic: event.topic, position, time: 1_700_000_000_000 };
      if (previous !== undefined) meta.previous = previous;
      if (replayed) meta.replayed = true;
      previous = position;
      socket.emit(event.type, sabotage.data?.(event.data) ?? event.data, sabotage.meta?.(meta, event) ?? meta);
    };
    const replay = (after: number, matches: (topic: string) => boolean) => {
      const missed = log.filter(({ offset, topic }) => offset > after && matches(topic));
      for (const event of sabotage.replay?.(missed, after, log) ?? missed) send(event, true);
    };
    const from = readPosition(socket.handshake.auth["position"] ?? socket.handshake.auth["serverOffset"]);
    const standing = from === undefined ? at(end()) : formatPosition(from);
    const status = from === undefined ? "live" : "replaying";
    const ready = () => void socket.emit("warren:ready", { protocol: 1, status, position: standing, topics });
    if (sabotage.ready === undefined) ready();
    else sabotage.ready(socket, ready);
    if (from !== undefined) {
      let after = from.before ? from.offset - 1 : from.offset;
      previous = standing;
      if (from.check !== undefined && (from.check !== CHECK || after > end())) {
        const gap = () => void socket.emit("warren:gap", { from: standing, to: "<0", reason: "reset" });
        if (sabotage.gap === undefined) gap();
        else sabotage.gap(gap);
        after = -1;
      }
      replay(after, compilePatterns(topics));
      const caughtUp = () => void socket.emit("warren:caught-up", { position: at(end()) });
      if (sabotage.caughtUp === undefined) caughtUp();
      else sabotage.caughtUp(caughtUp);
    }
    const sink = (event: Logged) => {
      if (!compilePatterns(topics)(event.topic)) return;
      for (const sent of sabotage.live?.(event, socket) ?? [event]) send(sent, false);
    };
    sinks.add(sink);
    socket.on("disconnect", () => sinks.delete(sink));

    socket.onAny((name: string, ...args: unknown[]) => {
      const ack = typeof args.at(-1) === "function" ? (args.pop() as (answer: object) => void) : undefined;
      if (ack === undefined && sabotage.listens === "acked only") return;
      try {
        const answered = answer(name, args);
        ack?.(answered);
      } catch (error) {
        const refused = { ok: false, error: toError(error, sabotage) };
        const event = { type: name, data: args[0], ...(args[1] as { id: string; topic: string }) };
        ack?.(sabotage.refused?.(refused, () => publish(event)) ?? refused);
      }
    });

    function answer(name: string, args: unknown[]): object {
      const request = args[0] as { topics?: unknown; position?: unknown; after?: unknown; limit?: number };
      if (name === "warren:subscribe") {
        refuseUnless(typeof request === "object", "EVENT_INVALID");
        const added = readTopics(request.topics);
        const place = readPosition(request.position);
        const [only, known] = [compilePatterns(added), compilePatterns(topics)];
        if (place !== undefined) replay(place.offset, (topic) => only(topic) && !known(topic));
        topics = [...topics, ...added];
        return { ok: true, position: at(end()) };
      }
      if (name === "warren:unsubscribe") {
        const removed = readTopics(request.topics);
        if (sabotage.unsubscribes !== false) topics = topics.filter((topic) => !removed.includes(topic));
        return { ok: true };
      }
      if (name === "warren:history") {
        const matches = compilePatterns(readTopics(request.topics));
        const after = readPosition(request.after)?.offset ?? -1;
        const { limit = 500 } = request;
        refuseUnless(Number.isInteger(limit) && limit > 0 && limit <= 500, "EVENT_INVALID");
        const rest = log.filter(({ offset, topic }) => offset > after && matches(topic));
        const page = rest.slice(0, sabotage.pageSize ?? limit);
        const events = page.map(({ type, data, id, topic, offset }) => ({
          type,
          data,
          meta: { id, topic, position: at(offset) },
        }));
        return { ok: true, events, position: at(page.at(-1)?.offset ?? end()), more: rest.length > page.length };
      }
      const event = readPublish(name, args);
      publish(event);
      return { ok: true, id: event.id };
    }
  }

  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  return { url: `http://127.0.0.1:${(http.address() as AddressInfo).port}`, close: () => io.close() };
}

function toError(error: unknown, { code: change }: Sabotage): object {
  const code = error instanceof Refusal ? error.code : "INTERNAL";
  return clientError(change?.(code) ?? code, String(error));
}

function readTopics(value: unknown): Pattern[] {
  refuseUnless(Array.isArray(value) && value.every((topic) => patternFault(topic) === undefined), "PATTERN_INVALID");
  return value as Pattern[];
}

function readPosition(value: unknown): Position | undefined {
  if (value === undefined || value === null || value === "now") return undefined;
  if (value === "first" || value === 0) return { offset: 0, before: true };
  const text = typeof value === "object" && "position" in value ? value.position : value;
  const place = typeof text === "string" || typeof text === "number" ? parsePosition(String(text)) : undefined;
  refuseUnless(place !== undefined, "POSITION_INVALID");
  return place;
}

function readPublish(type: string, [data, options, ...rest]: unknown[]): Omit<Logged, "offset"> {
  refuseUnless(type !== "", "TYPE_INVALID");
  refuseUnless(!isReservedEvent(type), "EVENT_RESERVED");
  const given = typeof options === "string" ? { id: options } : (options ?? {});
  refuseUnless(rest.length === 0 && typeof given === "object", "EVENT_INVALID");
  const { id = `made-${Math.random()}`, topic = type, headers = {}, ...stray } = given as Record<string, unknown>;
  refuseUnless(Object.keys(stray).length === 0, "EVENT_INVALID");
  refuseUnless(typeof id === "string" && id.length > 0 && id.length < 256, "ID_INVALID");
  refuseUnless(topicFault(topic) === undefined, "TOPIC_INVALID");
  const valid = Object.entries(headers as object).every(
    ([name, value]) => !name.startsWith("x-") && typeof value !== "object",
  );
  refuseUnless(valid, "HEADERS_INVALID");
  const nested = typeof data === "object" && !Buffer.isBuffer(data) && Object.values(data ?? {}).some(Buffer.isBuffer);
  refuseUnless(!nested, "PAYLOAD_INVALID");
  refuseUnless(typeof data !== "string" || data.length < 1024 ** 2, "PAYLOAD_TOO_LARGE");
  return { type, data, id, topic: topic as string };
}
