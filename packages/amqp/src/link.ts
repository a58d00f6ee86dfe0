import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import type { RawConnection } from "./amqplib-parts.ts";
import { ConnectionLost } from "./errors.ts";

/** One life of a connection: from a successful handshake until it is lost. Events: `lost` (once), `blocked`. */
export class Link extends EventEmitter<{ lost: [ConnectionLost]; blocked: [] }> {
  readonly raw: RawConnection;
  readonly server: { readonly product: string; readonly version: string };
  readonly #socket: Socket;
  #blocked: string | undefined;
  #error: Error | undefined;
  #lost: ConnectionLost | undefined;

  /** Made before the handshake, so that nothing that the broker says meets no listener. */
  constructor(raw: RawConnection, socket: Socket, server: { product: string; version: string }) {
    super();
    // One listener per publisher on this connection.
    this.setMaxListeners(0);
    this.raw = raw;
    this.#socket = socket;
    this.server = server;
    raw.on("error", (error: Error) => this.#failed(error));
    raw.on("handler-error", (error: Error) => this.#failed(error));
    raw.on("close", (error?: Error) => this.#end(error));
    raw.on("blocked", (reason: string) => this.#setBlocked(reason));
    raw.on("unblocked", () => this.#setBlocked(undefined));
  }

  /** The broker's reason while it has blocked this connection. */
  get blocked(): string | undefined {
    return this.#blocked;
  }

  /** Why this life is over; undefined while it lasts. */
  get lost(): ConnectionLost | undefined {
    return this.#lost;
  }

  /** Says goodbye to the broker; ends the socket if no answer comes in time. */
  async close(timeoutMs: number): Promise<void> {
    if (this.#lost !== undefined) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.once("lost", () => {
        clearTimeout(timer);
        resolve();
      });
      try {
        this.raw.close();
      } catch {
        clearTimeout(timer);
        resolve();
      }
    });
    this.destroy("the broker did not answer the goodbye");
  }

  /** Ends this life at once, without a word to the broker. */
  destroy(reason: string): void {
    if (this.#lost === undefined) this.#socket.destroy(new Error(reason));
    this.#end(new Error(reason));
  }

  // A protocol fault starts a closing handshake, which a broken peer may never finish.
  #failed(error: Error): void {
    this.#error ??= error;
    if (this.#lost === undefined) setTimeout(() => this.destroy(error.message), CLOSE_HANDSHAKE_MS).unref();
  }

  #end(error: Error | undefined): void {
    if (this.#lost !== undefined) return;
    const cause = this.#error ?? error;
    this.#lost = new ConnectionLost(`the connection was lost: ${cause?.message ?? "closed"}`, { cause });
    this.#blocked = undefined;
    // The socket still carries the close-ok; a peer that is frozen never takes it.
    setTimeout(() => this.#socket.destroy(), LAST_WORD_MS).unref();
    this.emit("lost", this.#lost);
  }

  #setBlocked(reason: string | undefined): void {
    this.#blocked = reason;
    this.emit("blocked");
  }
}

/** Unit: milliseconds. */
const CLOSE_HANDSHAKE_MS = 2_000;
/** Unit: milliseconds. */
const LAST_WORD_MS = 500;
