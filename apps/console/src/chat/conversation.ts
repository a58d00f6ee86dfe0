import type { Fault } from "../connection/fault.ts";
import type { ClientGap } from "../connection/gateway-client.ts";
import type { Message, RoomLine } from "./message.ts";

export interface ConversationLimits {
  /** Lines kept; the oldest leave first. @default 2_000 */
  lines: number;
  /** Own messages that the log has not returned yet. @default 100 */
  unsettled: number;
}

const defaults = { lines: 2_000, unsettled: 100 } satisfies ConversationLimits;

/**
 * What a room said, in the log's order, and after it what this page said and the log has not returned yet. A message
 * is never shown twice: when the log returns it, it moves from the second part to its place in the first.
 */
export class Conversation {
  readonly #limits: ConversationLimits;
  readonly #own = new Set<string>();
  #logged: RoomLine[] = [];
  #unsettled: Message[] = [];
  #lines: readonly RoomLine[] | undefined;
  #gaps = 0;

  constructor(limits: Partial<ConversationLimits> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /** The same array until something changed. */
  get lines(): readonly RoomLine[] {
    this.#lines ??= [...this.#logged, ...this.#unsettled];
    return this.#lines;
  }

  get full(): boolean {
    return this.#unsettled.length >= this.#limits.unsettled;
  }

  unsettled(id: string): Message | undefined {
    return this.#unsettled.find((message) => message.id === id);
  }

  /** An own message sets out. */
  said(id: string, name: string, text: string, at: number): void {
    this.#own.add(id);
    this.#unsettled.push({ kind: "message", id, name, text, at, state: "sending", replayed: false });
    this.#changed();
  }

  confirmed(id: string): void {
    this.#settle(id, (message) => ({ ...message, state: "confirmed" }));
  }

  failed(id: string, error: Fault): void {
    this.#settle(id, (message) => ({ ...message, state: "failed", error }));
  }

  /** A failed message sets out again, under the same id: if the first attempt did arrive, it is delivered once. */
  retried(id: string): void {
    this.#settle(id, (message) => ({ ...message, state: "sending" }));
  }

  discarded(id: string): void {
    this.#unsettled = this.#unsettled.filter((message) => message.id !== id);
    this.#changed();
  }

  /** The log returned a message. */
  logged(message: Omit<Message, "kind" | "state" | "error">): void {
    const own = this.#own.delete(message.id);
    if (own) this.#unsettled = this.#unsettled.filter(({ id }) => id !== message.id);
    this.#append({ ...message, kind: "message", state: own ? "confirmed" : "received" });
  }

  gap(gap: ClientGap, at: number): void {
    this.#append({ kind: "gap", id: `gap-${this.#gaps++}`, at, gap });
  }

  #append(line: RoomLine): void {
    this.#logged.push(line);
    if (this.#logged.length > this.#limits.lines) this.#logged = this.#logged.slice(-this.#limits.lines);
    this.#changed();
  }

  #settle(id: string, change: (message: Message) => Message): void {
    const at = this.#unsettled.findIndex((message) => message.id === id);
    // The log was faster than the ack: there is nothing left to settle.
    if (at < 0) return;
    this.#unsettled = this.#unsettled.with(at, change(this.#unsettled[at]!));
    this.#changed();
  }

  #changed(): void {
    this.#lines = undefined;
  }
}
