import type { EventMeta, Gap } from "@warren/events";
import { io, type Socket } from "socket.io-client";

/**
 * A plain Socket.IO client that keeps its position as the protocol says, in the way of packages/client/examples/plain.mjs,
 * and notes what it gets in all its connections.
 */
export class PlainClient {
  readonly socket: Socket;
  readonly received: { type: string; data: unknown; meta: EventMeta }[] = [];
  readonly gaps: Gap[] = [];
  connections = 0;
  position: string;
  #watchers = new Set<() => void>();

  constructor(url: string, options: { position?: string } = {}) {
    this.position = options.position ?? "now";
    this.socket = io(url, {
      auth: (give) => give({ topics: ["#"], position: this.position }),
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 500,
      transports: ["websocket"],
    });
    this.socket.on("connect", () => this.connections++);
    this.socket.onAny((type: string, data: { position?: string; to?: string }, meta: EventMeta) => {
      if (type === "warren:gap") {
        this.gaps.push(data as Gap);
        this.position = data.to!;
      } else if (type.startsWith("warren:")) {
        this.position = data.position ?? this.position;
      } else {
        this.received.push({ type, data, meta });
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
