import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

import {
  after,
  BEGINNING,
  comparePositions,
  compilePatterns,
  formatPosition,
  parsePosition,
  type ClientError,
  type EventMeta,
  type HandshakeAuth,
  type Position,
  type PublishAck,
  type PublishOptions,
} from "@warren/events";
import { Server, type Socket } from "socket.io";

interface Entry {
  readonly position: Position;
  readonly type: string;
  readonly topic: string;
  readonly data: unknown;
  readonly id: string | undefined;
}

interface Seat {
  readonly socket: Socket;
  topics: string[];
  previous: Position;
}

/** What the gateway does otherwise than it promises. Each is asked with the count of connections so far, from 1. */
export interface Script {
  refuse?: (connection: number) => ClientError | undefined;
  /** No `warren:ready` at all. */
  mute?: (connection: number) => boolean;
  /** An event that matches and is not sent, live or in replay. */
  lose?: (data: unknown, connection: number) => boolean;
  /** `lose-ack`: published, not acked. `ignore`: neither. */
  publish?: (data: unknown, attempt: number) => ClientError | "lose-ack" | "ignore" | undefined;
  subscribe?: (request: { topics: string[]; position?: string }, connection: number) => "ignore" | undefined;
}

/** One namespace of a gateway, played from a list in memory: honest, but for what its script says. */
export interface ScriptedGateway {
  readonly url: string;
  script: Script;
  /** The `auth` of every handshake, in order. */
  readonly handshakes: HandshakeAuth[];
  /** The `data` of every publish that arrived, repeats too. */
  readonly attempts: { data: unknown; options: PublishOptions }[];
  readonly seats: ReadonlySet<Seat>;
  /** Puts an event into the log, and so to every client that it is for. Returns its position. */
  append(data: unknown, options?: { type?: string; topic?: string; id?: string }): string;
  /** What was appended, by data. */
  readonly log: readonly unknown[];
  /** Starts another log, from offset 0. */
  recreate(): void;
  /** Emits anything to every client. */
  emit(name: string, ...args: unknown[]): void;
  /** Closes every connection below Socket.IO. */
  cut(): void;
  /** Ends every connection as a server does on purpose. */
  dismiss(): void;
  close(): Promise<void>;
}

export async function scriptedGateway(): Promise<ScriptedGateway> {
  const http = createServer();
  const io = new Server(http, { pingInterval: 5_000 });
  const namespace = io.of("/chat");
  const seats = new Set<Seat>();
  const handshakes: HandshakeAuth[] = [];
  const attempts: { data: unknown; options: PublishOptions }[] = [];
  let log: Entry[] = [];
  let life = 1;

  const end = () => log.at(-1)?.position ?? BEGINNING;

  const send = (seat: Seat, entry: Entry, replayed: boolean) => {
    const previous = formatPosition(seat.previous);
    seat.previous = entry.position;
    if (gateway.script.lose?.(entry.data, handshakes.length) === true) return;
    const meta: EventMeta = { topic: entry.topic, position: formatPosition(entry.position), previous };
    if (entry.id !== undefined) meta.id = entry.id;
    if (replayed) meta.replayed = true;
    seat.socket.emit(entry.type, entry.data, meta);
  };

  const startOf = (request: unknown): Position => {
    if (request === "first") return BEGINNING;
    return (typeof request === "string" ? parsePosition(request) : undefined) ?? end();
  };

  const replay = (seat: Seat, topics: string[], from: Position) => {
    const matches = compilePatterns(topics);
    const missed = log.filter(({ topic, position }) => matches(topic) && comparePositions(position, from) > 0);
    return { missed, send: () => missed.forEach((entry) => send(seat, entry, true)) };
  };

  namespace.use((socket, next) => {
    handshakes.push(socket.handshake.auth);
    const refusal = gateway.script.refuse?.(handshakes.length);
    next(refusal === undefined ? undefined : Object.assign(new Error(refusal.message), { data: refusal }));
  });

  namespace.on("connection", (socket) => {
    const auth: HandshakeAuth = socket.handshake.auth;
    if (gateway.script.mute?.(handshakes.length) === true) return;
    const from = startOf(auth.position);
    const seat: Seat = { socket, topics: auth.topics ?? ["#"], previous: from };
    const { missed, send } = replay(seat, seat.topics, from);
    const status = missed.length > 0 ? "replaying" : "live";
    socket.emit("warren:ready", { protocol: 1, status, position: formatPosition(from), topics: seat.topics });
    send();
    if (missed.length > 0) socket.emit("warren:caught-up", { position: formatPosition(end()) });
    seats.add(seat);
    socket.on("disconnect", () => seats.delete(seat));

    socket.on(
      "warren:subscribe",
      (request: { topics: string[]; position?: string }, ack: (answer: unknown) => void) => {
        if (gateway.script.subscribe?.(request, handshakes.length) === "ignore") return;
        const fresh = request.topics.filter((topic) => !seat.topics.includes(topic));
        if (request.position !== undefined) {
          replay({ ...seat }, fresh, startOf(request.position)).send();
        }
        seat.topics = [...seat.topics, ...fresh];
        // As an audience does: the newest event that the whole new set matches, sent to this client or not.
        const matches = compilePatterns(seat.topics);
        seat.previous = log.findLast(({ topic }) => matches(topic))?.position ?? seat.previous;
        ack({ ok: true, position: formatPosition(end()) });
      },
    );
    socket.on("warren:unsubscribe", ({ topics }: { topics: string[] }, ack: (answer: unknown) => void) => {
      seat.topics = seat.topics.filter((topic) => !topics.includes(topic));
      ack({ ok: true });
    });
    socket.onAny((type: string, data: unknown, options: PublishOptions, ack: (answer: PublishAck) => void) => {
      if (type.startsWith("warren:")) return;
      attempts.push({ data, options });
      const id = options.id ?? "none";
      const told = gateway.script.publish?.(data, attempts.length);
      if (told === "ignore") return;
      if (typeof told === "object") return ack({ ok: false, error: told });
      if (!log.some((entry) => entry.id === id)) gateway.append(data, { type, topic: options.topic ?? type, id });
      if (told === undefined) ack({ ok: true, id });
    });
  });

  const gateway: ScriptedGateway = {
    url: "",
    script: {},
    handshakes,
    attempts,
    seats,
    get log() {
      return log.map(({ data }) => data);
    },
    append(data, { type = "said", topic = "room.one", id } = {}) {
      const offset = (log.at(-1)?.position.offset ?? -1) + 1;
      const check = (life * 0x0100_0000 + offset).toString(16).padStart(8, "0");
      const entry: Entry = { position: after(offset, check), type, topic, data, id };
      log.push(entry);
      for (const seat of seats) if (compilePatterns(seat.topics)(topic)) send(seat, entry, false);
      return formatPosition(entry.position);
    },
    recreate() {
      log = [];
      life++;
    },
    emit: (name, ...args) => void namespace.emit(name, ...args),
    cut: () => seats.forEach(({ socket }) => socket.conn.close()),
    dismiss: () => namespace.disconnectSockets(),
    close: async () => {
      await io.close();
    },
  };
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve));
  const address = http.address() as AddressInfo;
  return Object.assign(gateway, { url: `http://127.0.0.1:${address.port}/chat` });
}
