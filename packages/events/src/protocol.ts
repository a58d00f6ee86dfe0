import type { ClientError } from "./errors.ts";
import type { PositionString } from "./position.ts";
import type { Pattern, Topic } from "./topic.ts";

/** The version of the protocol between a Socket.IO client and a gateway. */
export const PROTOCOL_VERSION = 1;

/** What travels with every event, as its listener's second argument. */
export interface EventMeta {
  /** AMQP message id, absent where the publisher gave none. */
  id?: string;
  /** AMQP routing key. */
  topic: Topic;
  position: PositionString;
  /** The position of the event before this one that the client's set of patterns matched, where the gateway knows one. */
  previous?: PositionString;
  /** Unit: milliseconds since the epoch. Absent where the publisher gave no time. */
  time?: number;
  /** Subject of the publisher's token, set by the gateway. */
  sender?: string;
  /** Present, and true, while catching up. */
  replayed?: true;
  /** The AMQP type, where it is a name that Socket.IO or Warren reserves and so could not name the event itself. */
  type?: string;
}

/** `auth` of the Socket.IO handshake. */
export interface HandshakeAuth {
  token?: string;
  topics?: Pattern[];
  position?: PositionRequest;
  /** Another name for `position`. */
  serverOffset?: PositionRequest;
}

/** Where to go on from; the texts "first" and "now" count too. A whole `meta` counts by its position. */
export type PositionRequest = PositionString | number | { position: PositionString } | null;

/** The second argument of an emit: an id, or any of these. */
export interface PublishOptions {
  id?: string;
  topic?: Topic;
  headers?: Record<string, string | number | boolean>;
}

export type PublishAck = { ok: true; id: string } | { ok: false; error: ClientError };

export type GapReason = "retention" | "reset" | "limit";

export interface Ready {
  protocol: number;
  status: "live" | "replaying";
  position: PositionString;
  topics: Pattern[];
}

export interface Gap {
  from: PositionString;
  to: PositionString;
  reason: GapReason;
}

export type SubscribeAck = { ok: true; position: PositionString } | { ok: false; error: ClientError };
export type UnsubscribeAck = { ok: true } | { ok: false; error: ClientError };

/** One page of the log. `position` is where it ends: give it as `after` for the next, while `more` says there is one. */
export interface HistoryPage {
  events: { type: string; data: unknown; meta: EventMeta }[];
  position: PositionString;
  more: boolean;
  /** What the page should have held and the log no longer has. */
  gaps?: Gap[];
}

export type HistoryAck = ({ ok: true } & HistoryPage) | { ok: false; error: ClientError };

/** Gateway to client, control messages only; application events have whatever names their types have. */
export interface ControlFromGateway {
  "warren:ready": (ready: Ready) => void;
  "warren:gap": (gap: Gap) => void;
  "warren:caught-up": (at: { position: PositionString }) => void;
  "warren:position": (at: { position: PositionString }) => void;
  "warren:closing": (notice: { retryAfterMs: number }) => void;
}

/** Client to gateway, control messages only. */
export interface ControlFromClient {
  "warren:subscribe": (
    request: { topics: Pattern[]; position?: PositionRequest },
    ack: (answer: SubscribeAck) => void,
  ) => void;
  "warren:unsubscribe": (request: { topics: Pattern[] }, ack: (answer: UnsubscribeAck) => void) => void;
  "warren:history": (
    request: { topics: Pattern[]; after?: PositionRequest; limit?: number },
    ack: (answer: HistoryAck) => void,
  ) => void;
}

const SOCKET_IO_NAMES = new Set([
  "connect",
  "connect_error",
  "disconnect",
  "disconnecting",
  "newListener",
  "removeListener",
]);

/** Whether an event name belongs to Socket.IO or to Warren, so that no application event may carry it. */
export function isReservedEvent(name: string): boolean {
  return SOCKET_IO_NAMES.has(name) || name.startsWith("warren:");
}
