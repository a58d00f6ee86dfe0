import type { EventMeta, Gap, HandshakeAuth, Ready } from "@warren/events";
import { io, type Socket } from "socket.io-client";
import { Broken, show } from "./check.ts";

export type Transport = "websocket" | "polling";

export interface Received {
  readonly type: string;
  readonly data: unknown;
  readonly meta: EventMeta;
}

export interface VisitorOptions {
  /** With the namespace as its path. */
  readonly url: string;
  readonly transport: Transport;
  readonly auth: HandshakeAuth | Record<string, unknown>;
  /** How long it waits for anything. Unit: milliseconds. */
  readonly timeoutMs: number;
}

/** A plain Socket.IO client on one connection, which writes down everything it is told, in order. */
export class Visitor {
  readonly socket: Socket;
  /** Everything that came, control messages and events alike. */
  readonly told: { readonly name: string; readonly args: readonly unknown[] }[] = [];
  readonly events: Received[] = [];
  readonly gaps: Gap[] = [];
  /** Why the connection was refused or lost, if it was. */
  ended: { readonly message: string; readonly data: unknown } | undefined;
  readonly #timeoutMs: number;
  readonly #watchers = new Set<() => void>();

  constructor({ url, transport, auth, timeoutMs }: VisitorOptions) {
    this.#timeoutMs = timeoutMs;
    this.socket = io(url, { auth, transports: [transport], upgrade: false, forceNew: true, reconnection: false });
    this.socket.onAny((name: string, ...args: unknown[]) => {
      this.told.push({ name, args });
      if (name === "warren:gap") this.gaps.push(args[0] as Gap);
      if (!name.startsWith("warren:")) this.events.push({ type: name, data: args[0], meta: args[1] as EventMeta });
      this.#look();
    });
    this.socket.on("connect", () => this.#look());
    this.socket.on("connect_error", (error) => {
      this.ended = { message: error.message, data: (error as Error & { data?: unknown }).data };
      this.#look();
    });
    this.socket.on("disconnect", (reason) => {
      this.ended = { message: `the connection ended: ${reason}`, data: undefined };
      this.#look();
    });
  }

  /** What `warren:ready` said; undefined before it. */
  get ready(): Ready | undefined {
    return this.told.find(({ name }) => name === "warren:ready")?.args[0] as Ready | undefined;
  }

  get ids(): (string | undefined)[] {
    return this.events.map(({ meta }) => meta?.id);
  }

  /** The arguments of the first control message of that name. */
  word(name: string): unknown {
    return this.told.find((told) => told.name === name)?.args[0];
  }

  /** Resolves when `fact` holds; throws Broken, naming `what`, when it does not in time or the connection has ended. */
  async until(fact: () => boolean, what: string, timeoutMs = this.#timeoutMs): Promise<void> {
    if (fact()) return;
    await new Promise<void>((resolve, reject) => {
      const finish = (fault?: string) => {
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        if (fault === undefined) resolve();
        else reject(new Broken(fault));
      };
      const watcher = () => {
        if (fact()) finish();
        else if (this.ended !== undefined)
          finish(`expected ${what}; instead ${this.ended.message} ${show(this.ended.data ?? "")}`);
      };
      const timer = setTimeout(() => finish(`expected ${what} within ${timeoutMs} ms; ${this.#summary()}`), timeoutMs);
      this.#watchers.add(watcher);
      watcher();
    });
  }

  /** Resolves when the event with this id has come. */
  async untilId(id: string): Promise<void> {
    await this.until(() => this.ids.includes(id), `event "${id}"`);
  }

  /** Emits, and resolves with the ack's one argument. Throws Broken without an ack. */
  async ask(name: string, ...args: unknown[]): Promise<unknown> {
    try {
      return await this.socket.timeout(this.#timeoutMs).emitWithAck(name, ...args);
    } catch {
      throw new Broken(`no ack for ${show([name, ...args])} within ${this.#timeoutMs} ms`);
    }
  }

  /** Goes as a broken network does: without a word, where the transport allows it. */
  cut(): void {
    this.socket.io.engine?.close();
    this.socket.disconnect();
  }

  #look(): void {
    for (const watcher of this.#watchers) watcher();
  }

  #summary(): string {
    const names = this.told.filter(({ name }) => name.startsWith("warren:")).map(({ name }) => name);
    return `got ${this.events.length} events ${show(this.ids)} and ${show(names)}`;
  }
}
