import type { HandshakeAuth, Pattern, PositionString, PublishOptions, Topic } from "@warren/events";
import { must, show } from "./check.ts";
import { Visitor, type Transport } from "./visitor.ts";

/** The type of all events that do not need another. */
export const TYPE = "conformance";

/** What one check has: topics of its own, clients that are gone when it is over, somebody who publishes. */
export class Stage {
  readonly transport: Transport;
  readonly timeoutMs: number;
  /** First words of every topic and id of this check: no other run, and no other check, has them. */
  readonly prefix: string;
  readonly #url: string;
  readonly #namespace: string;
  readonly #visitors: Visitor[] = [];
  #speaker: Promise<Visitor> | undefined;

  constructor(options: { url: string; namespace: string; prefix: string; transport: Transport; timeoutMs: number }) {
    this.#url = options.url;
    this.#namespace = options.namespace;
    this.prefix = options.prefix;
    this.transport = options.transport;
    this.timeoutMs = options.timeoutMs;
  }

  /** Everything that this check publishes. */
  get everything(): Pattern {
    return `${this.prefix}.#`;
  }

  topic(word: string): Topic {
    return `${this.prefix}.${word}`;
  }

  /** Knocks at the gateway, without waiting for an answer. */
  knock(
    auth: HandshakeAuth | Record<string, unknown>,
    options: { namespace?: string; transport?: Transport } = {},
  ): Visitor {
    const { namespace = this.#namespace, transport = this.transport } = options;
    const visitor = new Visitor({
      url: this.#url + (namespace === "/" ? "" : namespace),
      transport,
      auth,
      timeoutMs: this.timeoutMs,
    });
    this.#visitors.push(visitor);
    return visitor;
  }

  /** A client that is ready. @param auth.topics @default everything that this check publishes */
  async connect(auth: HandshakeAuth = {}, transport: Transport = this.transport): Promise<Visitor> {
    const visitor = this.knock({ topics: [this.everything], ...auth }, { transport });
    await visitor.until(() => visitor.ready !== undefined, "warren:ready");
    return visitor;
  }

  /** A client that is ready, and where it stands before anything is published. */
  async begin(topics?: Pattern[]): Promise<{ visitor: Visitor; position: PositionString }> {
    const visitor = await this.connect(topics === undefined ? {} : { topics });
    return { visitor, position: visitor.ready!.position };
  }

  /** Publishes one event, and resolves with its id once it is acked. @param word of its id, and of its topic */
  async say(word: string, data: unknown = word, options: PublishOptions = {}): Promise<string> {
    const id = `${this.prefix}-${word}`;
    const answer = await this.emit(TYPE, data, { id, topic: this.topic("a"), ...options });
    must((answer as { ok?: unknown }).ok === true, `publishing "${id}" was acked with ${show(answer)}`);
    return options.id ?? id;
  }

  /** Publishes events one after the other, and resolves with their ids. */
  async count(from: number, to: number): Promise<string[]> {
    const ids: string[] = [];
    for (let number = from; number <= to; number++) ids.push(await this.say(String(number), number));
    return ids;
  }

  /** Emits as it is, through a client that only publishes. Resolves with the ack. */
  async emit(type: string, ...args: unknown[]): Promise<unknown> {
    const speaker = await (this.#speaker ??= this.connect({ topics: [] }));
    return speaker.ask(type, ...args);
  }

  close(): void {
    for (const { socket } of this.#visitors) socket.disconnect();
  }
}
