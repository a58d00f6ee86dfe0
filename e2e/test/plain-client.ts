import type { EventMeta, Gap } from "@warren/events";
import { io, type Manager, type Socket } from "socket.io-client";

export interface PlainClientOptions {
  /** @default "now" */
  position?: string;
  /** @default everything */
  topics?: string[];
  /** Shares a connection with other namespaces. @default a connection of its own */
  manager?: Manager;
  /** For one attempt to connect. Unit: milliseconds. @default 20_000, Socket.IO's own */
  connectTimeoutMs?: number;
  /** @default ["websocket"] */
  transports?: ("websocket" | "polling")[];
}

/**
 * A plain Socket.IO client that keeps its position as the protocol says, in the way of packages/client/examples/plain.mjs,
 * and notes what it gets in all its connections.
 */
export class PlainClient {
  readonly socket: Socket;
  readonly received: { type: string; data: unknown; meta: EventMeta }[] = [];
  readonly gaps: Gap[] = [];
  /** Ids of events, and gaps, as they came. */
  readonly story: (string | Gap | undefined)[] = [];
  /** Control messages by name, as they came. */
  readonly told: string[] = [];
  connections = 0;
  position: string;
  #watchers = new Set<() => void>();

  constructor(url: string, options: PlainClientOptions = {}) {
    const { topics = ["#"], manager, transports = ["websocket"], connectTimeoutMs = 20_000 } = options;
    this.position = options.position ?? "now";
    const auth = (give: (auth: object) => void) => give({ topics, position: this.position });
    this.socket =
      manager === undefined
        ? io(url, {
            auth,
            forceNew: true,
            reconnectionDelay: 50,
            reconnectionDelayMax: 500,
            timeout: connectTimeoutMs,
            transports,
          })
        : manager.socket(new URL(url).pathname, { auth });
    this.socket.on("connect", () => this.connections++);
    this.socket.onAny((type: string, data: { position?: string; to?: string }, meta: EventMeta) => {
      if (type.startsWith("warren:")) this.told.push(type);
      if (type === "warren:gap") {
        this.gaps.push(data as Gap);
        this.story.push(data as Gap);
        this.position = data.to!;
      } else if (type.startsWith("warren:")) {
        this.position = data.position ?? this.position;
      } else {
        this.received.push({ type, data, meta });
        this.story.push(meta.id);
        this.position = meta.position;
      }
      for (const watcher of this.#watchers) watcher();
    });
    const again = (afterMs: number) => setTimeout(() => this.socket.connect(), afterMs);
    this.socket.on("connect_error", (error) => {
      const { data } = error as Error & { data?: { retryable: boolean; retryAfterMs?: number } };
      if (data?.retryable === true) again(data.retryAfterMs ?? 1000);
    });
  }

  get ids(): (string | undefined)[] {
    return this.received.map(({ meta }) => meta.id);
  }

  /** Resolves when the gateway has said where this client stands. */
  async ready(): Promise<void> {
    await this.until(() => this.told.includes("warren:ready"));
  }

  /** Resolves when the event has come. */
  async untilId(id: string | undefined): Promise<void> {
    await this.until(() => this.received.at(-1)?.meta.id === id || this.ids.includes(id));
  }

  /** Cuts the connection as a network would: the transport goes, nobody says goodbye. */
  cut(): void {
    this.socket.io.engine.close();
  }

  /** Resolves when `fact` holds, asked whenever something arrives. */
  async until(fact: () => boolean, timeoutMs = 30_000): Promise<void> {
    if (fact()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () => reject(new Error(`still waiting after ${timeoutMs} ms with ${this.received.length} events`)),
        timeoutMs,
      );
      const watcher = () => {
        if (!fact()) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }
}
