import { LAYOUT } from "../event.ts";
import { DIALECTS, type Dialect, type DialectName, type Keepsake } from "./dialect.ts";
import { Received } from "./tally.ts";
import { LeanWebSocket } from "./websocket.ts";

const REDIAL_MS = 50;

export interface ClientListener {
  /** The server has said that the client is connected and subscribed. */
  ready(): void;
  /** An event came. `madeAt`: microseconds, as its publisher wrote it. */
  event(client: BenchClient, madeAt: () => number): void;
}

/** One client of one contender: it keeps its place, checks every delivery, and dials again while it is to be connected. */
export class BenchClient {
  readonly received: Received;
  unrecovered = 0;
  readonly #dialect: Dialect;
  readonly #port: number;
  readonly #listener: ClientListener;
  readonly #keepsake: Keepsake;
  #line: LeanWebSocket | undefined;
  #wanted = false;
  #paused = false;

  constructor(
    options: { dialect: DialectName; port: number; topic: number; capacity: number },
    listener: ClientListener,
  ) {
    this.#dialect = DIALECTS[options.dialect];
    this.#port = options.port;
    this.#listener = listener;
    this.#keepsake = {
      topic: options.topic,
      position: undefined,
      session: undefined,
      socketId: undefined,
      last: undefined,
    };
    this.received = new Received(options.capacity);
  }

  dial(): void {
    this.#wanted = true;
    this.#dialect.remember(this.#keepsake);
    const { protocol } = this.#dialect;
    const path = this.#dialect.path(this.#keepsake);
    const line: LeanWebSocket = new LeanWebSocket(
      { port: this.#port, path, ...(protocol === undefined ? {} : { protocol }) },
      {
        opened: () => (this.#dialect === DIALECTS.nchan ? this.#listener.ready() : undefined),
        text: (data, from, to) => this.#text(data, from, to),
        closed: () => {
          if (this.#line !== line) return;
          this.#line = undefined;
          if (this.#wanted)
            setTimeout(() => (this.#wanted && this.#line === undefined ? this.dial() : undefined), REDIAL_MS);
        },
      },
    );
    this.#line = line;
    if (this.#paused) line.pause();
  }

  /** Cuts the connection and stays away. */
  cut(): void {
    this.#wanted = false;
    this.#line?.cut();
    this.#line = undefined;
  }

  /** Does not dial again when the connection goes, until it is told to. */
  stayAway(): void {
    this.#wanted = false;
  }

  pause(): void {
    this.#paused = true;
    this.#line?.pause();
  }

  resume(): void {
    this.#paused = false;
    this.#line?.resume();
  }

  #text(data: Buffer, from: number, to: number): void {
    const at = this.#dialect.eventAt(data, from, to);
    if (at < 0) {
      this.#hear(data.toString("utf8", from, to));
      return;
    }
    this.#keepsake.last = data.subarray(from, to);
    if (digits(data, at + LAYOUT.topic.at, LAYOUT.topic.digits) !== this.#keepsake.topic) this.received.strayed++;
    else this.received.note(digits(data, at + LAYOUT.number.at, LAYOUT.number.digits));
    this.#listener.event(this, () => digits(data, at + LAYOUT.time.at, LAYOUT.time.digits));
  }

  #hear(text: string): void {
    const word = this.#dialect.hear(text, this.#keepsake);
    const line = this.#line;
    if (word.kind === "say") {
      if (word.afterMs === undefined) line?.send(word.text);
      else setTimeout(() => line?.send(word.text), word.afterMs);
    } else if (word.kind === "unrecovered") {
      this.unrecovered++;
      this.#listener.ready();
    } else if (word.kind === "ready") {
      this.#listener.ready();
    }
  }
}

function digits(data: Buffer, at: number, count: number): number {
  let value = 0;
  for (let index = at; index < at + count; index++) value = value * 10 + (data[index]! - 48);
  return value;
}
