import { waitMs, type Backoff } from "./backoff.ts";
import type { Refusal, WarrenError } from "./errors.ts";
import type { Link, Reply } from "./link.ts";
import { readAck } from "./wire.ts";

/** One emit with an ack, sent again until it is answered for good. */
export interface OutgoingRequest {
  readonly name: string;
  /** Asked at each try. */
  args(): readonly unknown[];
  readonly bytes: number;
  /** What the answer changes; runs in the turn in which the ack arrives, before any later event. */
  answered?(answer: unknown): void;
  /** False holds the request, and those behind it, until the next `pump`. */
  mayGo?(): boolean;
  /** Asked when no ack came in time: true waits that long once more. */
  stillGoing?(): boolean;
  /** The error that its promise rejects with. */
  refused(refusal: Refusal): WarrenError;
  readonly signal?: AbortSignal | undefined;
}

export interface OutboxOptions {
  /** Most requests sent and not answered yet. Only 1 keeps the order whatever has to be sent again. */
  readonly window: number;
  readonly maxWaiting: number;
  readonly maxWaitingBytes: number;
  readonly ackTimeoutMs: number;
  readonly backoff: Backoff;
  /** Gives up the link when an ack does not come, where asking again on the same link would not be safe. */
  readonly dropOnTimeout?: boolean;
}

interface Item {
  readonly request: OutgoingRequest;
  readonly resolve: (answer: unknown) => void;
  readonly reject: (error: unknown) => void;
  /** Sent and not answered, or waiting before the next try. */
  busy: boolean;
  tries: number;
  timer: ReturnType<typeof setTimeout> | undefined;
  onAbort: (() => void) | undefined;
}

/** A bounded queue of requests, in order, that outlives links. */
export class Outbox {
  readonly #options: OutboxOptions;
  readonly #items: Item[] = [];
  #bytes = 0;
  #retried = 0;
  #link: Link | undefined;
  refusal: Refusal | undefined;

  constructor(options: OutboxOptions) {
    this.#options = options;
  }

  get waiting(): number {
    return this.#items.length;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get retried(): number {
    return this.#retried;
  }

  /** Resolves with the answer of an ack that says `ok`; rejects with `refused(…)`, or the signal's reason. */
  async add(request: OutgoingRequest): Promise<unknown> {
    const { maxWaiting, maxWaitingBytes } = this.#options;
    const { signal } = request;
    signal?.throwIfAborted();
    if (this.refusal !== undefined) throw request.refused(this.refusal);
    if (this.#items.length >= maxWaiting || this.#bytes + request.bytes > maxWaitingBytes) {
      const message = `${this.#items.length} requests of ${this.#bytes} bytes wait for the gateway already.`;
      throw request.refused({ code: "BUFFER_FULL", message, retryable: true });
    }
    return new Promise((resolve, reject) => {
      const item: Item = {
        request,
        resolve,
        reject,
        busy: false,
        tries: 0,
        timer: undefined,
        onAbort: undefined,
      };
      if (signal !== undefined) {
        item.onAbort = () => this.#finish(item, () => item.reject(signal.reason));
        signal.addEventListener("abort", item.onAbort);
      }
      this.#items.push(item);
      this.#bytes += request.bytes;
      this.pump();
    });
  }

  attach(link: Link): void {
    this.#link = link;
    this.pump();
  }

  detach(): void {
    this.#link = undefined;
  }

  /** Rejects everything that waits, and whatever comes until `refusal` is taken away. */
  refuseAll(refusal: Refusal): void {
    this.refusal = refusal;
    for (let item = this.#items[0]; item !== undefined; item = this.#items[0]) this.#refuse(item, refusal);
  }

  /** Sends what may be sent now. */
  pump(): void {
    for (let i = 0; i < this.#options.window; i++) {
      const item = this.#items[i];
      if (item === undefined || this.#link === undefined) return;
      if (item.busy) continue;
      if (item.request.mayGo?.() === false) return;
      this.#send(item, this.#link);
    }
  }

  #send(item: Item, link: Link): void {
    const { request } = item;
    item.busy = true;
    if (item.tries++ > 0) this.#retried++;
    const stillGoing = request.stillGoing === undefined ? undefined : () => request.stillGoing!();
    const options = { timeoutMs: this.#options.ackTimeoutMs, stillGoing };
    link.request(request.name, request.args(), options, (reply) => {
      if (!this.#items.includes(item)) return;
      this.#replied(item, reply, link);
    });
  }

  #replied(item: Item, reply: Reply, link: Link): void {
    if (reply.kind === "lost") {
      // The next link sends it again.
      item.busy = false;
      return;
    }
    if (reply.kind === "timeout") {
      const message = `No ack for ${item.request.name} within ${this.#options.ackTimeoutMs} ms.`;
      if (this.#options.dropOnTimeout === true) {
        item.busy = false;
        link.drop({ code: "CONNECT_TIMEOUT", message, retryable: true });
      } else {
        this.#again(item, undefined);
      }
      return;
    }
    const refusal = readAck(item.request.name, reply.answer);
    if (refusal === undefined) {
      item.request.answered?.(reply.answer);
      this.#finish(item, () => item.resolve(reply.answer));
    } else if (refusal.retryable) {
      this.#again(item, refusal.retryAfterMs);
    } else {
      this.#refuse(item, refusal);
    }
  }

  #again(item: Item, retryAfterMs: number | undefined): void {
    const delayMs = waitMs(this.#options.backoff, item.tries - 1, retryAfterMs);
    item.timer = setTimeout(() => {
      item.busy = false;
      this.pump();
    }, delayMs);
  }

  #refuse(item: Item, refusal: Refusal): void {
    this.#finish(item, () => item.reject(item.request.refused(refusal)));
  }

  #finish(item: Item, settle: () => void): void {
    const at = this.#items.indexOf(item);
    if (at < 0) return;
    this.#items.splice(at, 1);
    this.#bytes -= item.request.bytes;
    clearTimeout(item.timer);
    if (item.onAbort !== undefined) item.request.signal?.removeEventListener("abort", item.onAbort);
    settle();
    this.pump();
  }
}
