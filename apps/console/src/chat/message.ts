import type { Fault } from "../connection/fault.ts";
import type { ClientGap } from "../connection/gateway-client.ts";

/**
 * One line of the room. A message of this page begins as `sending` and becomes `confirmed` (the broker has it, or
 * the log returned it) or `failed` (refused for good; only a retry by hand sends it again). Everyone else's is `received`.
 */
export interface Message {
  readonly kind: "message";
  readonly id: string;
  readonly name: string;
  readonly text: string;
  /** Unit: milliseconds since the epoch. */
  readonly at: number;
  readonly state: "sending" | "confirmed" | "failed" | "received";
  /** Why it failed, the last time it did. */
  readonly error?: Fault;
  readonly replayed: boolean;
}

/** Messages that the room said and nobody can have any more, where they were. */
export interface Silence {
  readonly kind: "gap";
  readonly id: string;
  readonly at: number;
  readonly gap: ClientGap;
}

export type RoomLine = Message | Silence;

export const CHAT_MESSAGE = "chat message";

/** Unit: characters. */
export const MAX_TEXT = 2000;
export const MAX_NAME = 40;

/**
 * Name and text of what another client published. Socket.IO's own tutorial publishes a bare string, and anyone may
 * publish anything: whatever it is, it is shown.
 */
export function spoken(type: string, data: unknown, sender: string | undefined): { name: string; text: string } {
  const somebody = sender ?? "somebody";
  if (type === CHAT_MESSAGE && typeof data === "string") return { name: somebody, text: clip(data) };
  if (
    type === CHAT_MESSAGE &&
    typeof data === "object" &&
    data !== null &&
    "text" in data &&
    typeof data.text === "string"
  ) {
    const name = "name" in data && typeof data.name === "string" ? data.name.trim().slice(0, MAX_NAME) : "";
    return { name: name === "" ? somebody : name, text: clip(data.text) };
  }
  return { name: somebody, text: clip(`${type}: ${JSON.stringify(data) ?? ""}`) };
}

function clip(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)}…`;
}
