import { topicName } from "../event.ts";

/** What a client has kept from its connections so far. */
export interface Keepsake {
  readonly topic: number;
  /** Where to go on from, in the contender's own way. */
  position: string | undefined;
  /** Socket.IO's private session id. */
  session: string | undefined;
  /** Socket.IO's public one: the same again after a recovery. */
  socketId: string | undefined;
  /** The last event received, whole. */
  last: Buffer | undefined;
}

/** What a text that is no event means. */
export type Word =
  | { readonly kind: "nothing" }
  | { readonly kind: "say"; readonly text: string; readonly afterMs?: number }
  | { readonly kind: "ready" }
  /** Connected, but what was missed is known to be missing. */
  | { readonly kind: "unrecovered" };

/** How a kind of server is spoken to. */
export interface Dialect {
  readonly protocol?: string;
  path(keepsake: Keepsake): string;
  /** Place of the event's text within a message; -1 for a message that is no event. */
  eventAt(data: Buffer, from: number, to: number): number;
  /** Reads any other message. */
  hear(text: string, keepsake: Keepsake): Word;
  /** Brings `position` up to the last event received. */
  remember(keepsake: Keepsake): void;
}

const NOTHING: Word = { kind: "nothing" };
const EVENT_PREFIX = '42["e","';
const ENGINE_PATH = "/socket.io/?EIO=4&transport=websocket";
const DEFAULT_RETRY_MS = 100;

function eventAt(data: Buffer, from: number, to: number): number {
  // `42["e","` and nothing else: byte by byte, since this runs for every delivery.
  return to - from > EVENT_PREFIX.length &&
    data[from] === 0x34 &&
    data[from + 1] === 0x32 &&
    data[from + 4] === 0x65 &&
    data[from + 5] === 0x22 &&
    data[from + 7] === 0x22
    ? from + EVENT_PREFIX.length
    : -1;
}

function forgetLast(keepsake: Keepsake): string | undefined {
  const text = keepsake.last?.toString("latin1");
  keepsake.last = undefined;
  return text;
}

const warren: Dialect = {
  path: () => ENGINE_PATH,
  eventAt,
  hear(text, keepsake) {
    const auth = JSON.stringify({ topics: [topicName(keepsake.topic)], position: keepsake.position ?? "now" });
    if (text[0] === "0") return { kind: "say", text: `40${auth}` };
    if (text[0] === "2") return { kind: "say", text: "3" };
    if (text.startsWith("44")) {
      const { data } = JSON.parse(text.slice(2)) as { data?: { retryAfterMs?: number } };
      return { kind: "say", text: `40${auth}`, afterMs: data?.retryAfterMs ?? DEFAULT_RETRY_MS };
    }
    if (!text.startsWith('42["warren:')) return NOTHING;
    const [name, said] = JSON.parse(text.slice(2)) as [string, { position?: string; to?: string; reason?: string }];
    const position = said.position ?? said.to;
    if (position !== undefined) {
      keepsake.position = position;
      keepsake.last = undefined;
    }
    if (name === "warren:ready") return { kind: "ready" };
    return name === "warren:gap" ? { kind: "unrecovered" } : NOTHING;
  },
  remember(keepsake) {
    const found = /"position":"([^"]+)"/.exec(forgetLast(keepsake) ?? "");
    if (found !== null) keepsake.position = found[1];
  },
};

const socketIo: Dialect = {
  path: () => ENGINE_PATH,
  eventAt,
  hear(text, keepsake) {
    if (text[0] === "0") {
      const { session: pid, position: offset, topic } = keepsake;
      const recovery = pid === undefined || offset === undefined ? {} : { pid, offset };
      return { kind: "say", text: `40${JSON.stringify({ topic: topicName(topic), ...recovery })}` };
    }
    if (text[0] === "2") return { kind: "say", text: "3" };
    if (!text.startsWith("40")) return NOTHING;
    const { sid, pid } = JSON.parse(text.slice(2)) as { sid: string; pid?: string };
    const returned = keepsake.socketId !== undefined;
    const recovered = keepsake.socketId === sid;
    keepsake.socketId = sid;
    keepsake.session = pid;
    return returned && !recovered ? { kind: "unrecovered" } : { kind: "ready" };
  },
  remember(keepsake) {
    const found = /,"([^"]+)"\]$/.exec(forgetLast(keepsake) ?? "");
    if (found !== null) keepsake.position = found[1];
  },
};

const META_END = "\n\n";

const nchan: Dialect = {
  protocol: "ws+meta.nchan",
  path: ({ topic, position }) =>
    `/sub/${topicName(topic)}${position === undefined ? "" : `?from=${encodeURIComponent(position)}`}`,
  eventAt(data, from, to) {
    const end = data.indexOf(META_END, from, "latin1");
    return end >= 0 && end < to ? end + META_END.length + 1 : -1;
  },
  hear: () => NOTHING,
  remember(keepsake) {
    const found = /^id: (\S+)/.exec(forgetLast(keepsake) ?? "");
    if (found !== null) keepsake.position = found[1];
  },
};

export const DIALECTS = { warren, "socket.io": socketIo, nchan } as const satisfies Record<string, Dialect>;

export type DialectName = keyof typeof DIALECTS;
