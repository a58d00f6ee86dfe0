import type { EventMeta } from "@warren/events";
import { faultOf } from "../connection/fault.ts";
import type { GatewayClient, GatewayClientOptions } from "../connection/gateway-client.ts";
import { Line } from "../connection/line.ts";
import { Conversation } from "./conversation.ts";
import { CHAT_MESSAGE, spoken, type RoomLine } from "./message.ts";
import { messageId } from "./message-id.ts";

export interface ChatRoomOptions {
  url: string;
  /** The room's topic: what is said is published on it, and what is published on it is shown. */
  topic: string;
  open: (options: GatewayClientOptions) => GatewayClient;
}

/** One room: its line to the gateway and its conversation. */
export class ChatRoom {
  readonly line: Line;
  readonly topic: string;
  readonly #conversation = new Conversation();
  #unnamed = 0;

  constructor(options: ChatRoomOptions) {
    this.topic = options.topic;
    this.line = new Line({
      url: options.url,
      topics: [options.topic],
      from: "first",
      open: options.open,
      onEvent: (type, data, meta) => this.#heard(type, data, meta),
      onGap: (gap) => this.#conversation.gap(gap, Date.now()),
    });
  }

  readonly lines = (): readonly RoomLine[] => this.#conversation.lines;

  /** Says whether it took the message: it does not when too many wait already. */
  say(name: string, text: string): boolean {
    if (this.#conversation.full) return false;
    const id = messageId();
    this.#conversation.said(id, name, text, Date.now());
    this.#send(id, name, text);
    return true;
  }

  retry(id: string): void {
    const message = this.#conversation.unsettled(id);
    if (message?.state !== "failed") return;
    this.#conversation.retried(id);
    this.#send(id, message.name, message.text);
  }

  discard(id: string): void {
    this.#conversation.discarded(id);
    this.line.touch();
  }

  #send(id: string, name: string, text: string): void {
    this.line.touch();
    this.line.client
      .publish(CHAT_MESSAGE, { name, text }, { topic: this.topic, id })
      .then(
        () => this.#conversation.confirmed(id),
        (error: unknown) => this.#conversation.failed(id, faultOf(error)),
      )
      .finally(() => this.line.touch());
  }

  #heard(type: string, data: unknown, meta: EventMeta): void {
    this.#conversation.logged({
      ...spoken(meta.type ?? type, data, meta.sender),
      id: meta.id ?? `unnamed-${this.#unnamed++}`,
      at: meta.time ?? Date.now(),
      replayed: meta.replayed === true,
    });
  }
}
