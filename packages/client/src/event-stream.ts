import type { PositionString } from "@warren/events";

/** An event that an iterator has not finished with. */
export interface Unfinished {
  /** Order of arrival, over all iterators of a client. */
  readonly sequence: number;
  /** What the client held before this event. */
  readonly before: PositionString | undefined;
}

interface Entry<Event> extends Unfinished {
  readonly event: Event;
}

interface EventStreamHandlers {
  /** The loop has asked for more: one more event is finished with. */
  advanced(): void;
  /** The loop is over. */
  left(): void;
}

/**
 * One `for await` over events. An event counts as applied when the loop asks for the next one: a loop that throws, or
 * a process that dies in the loop's body, has not applied the event in hand.
 */
export class EventStream<Event> implements AsyncIterableIterator<Event, undefined> {
  readonly #buffer: number;
  readonly #handlers: EventStreamHandlers;
  readonly #entries: Entry<Event>[] = [];
  #inHand: Entry<Event> | undefined;
  #waiting: PromiseWithResolvers<IteratorResult<Event, undefined>> | undefined;
  #over = false;
  #error: Error | undefined;

  /** @param buffer most events held for the loop */
  constructor(buffer: number, handlers: EventStreamHandlers) {
    this.#buffer = buffer;
    this.#handlers = handlers;
  }

  get full(): boolean {
    return this.#entries.length >= this.#buffer;
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  get oldest(): Unfinished | undefined {
    return this.#inHand ?? this.#entries[0];
  }

  push(entry: Entry<Event>): void {
    const waiting = this.#waiting;
    if (waiting === undefined) {
      this.#entries.push(entry);
      return;
    }
    this.#waiting = undefined;
    this.#inHand = entry;
    waiting.resolve({ done: false, value: entry.event });
  }

  /** Ends the loop: at once, or with an error once it has had what is buffered. */
  end(error?: Error): void {
    if (this.#over || this.#error !== undefined) return;
    if (error !== undefined && !this.empty) {
      this.#error = error;
      return;
    }
    this.#leave();
    if (error === undefined) this.#waiting?.resolve({ done: true, value: undefined });
    else if (this.#waiting === undefined) this.#error = error;
    else this.#waiting.reject(error);
    this.#waiting = undefined;
  }

  next(): Promise<IteratorResult<Event, undefined>> {
    if (this.#waiting !== undefined) {
      return Promise.reject(new Error("The last next() of this iterator is not settled yet: ask one at a time."));
    }
    this.#inHand = undefined;
    const entry = this.#over ? undefined : this.#entries.shift();
    if (entry !== undefined) {
      this.#inHand = entry;
      this.#handlers.advanced();
      return Promise.resolve({ done: false, value: entry.event });
    }
    this.#handlers.advanced();
    const error = this.#error;
    if (error !== undefined) {
      this.#leave();
      this.#error = undefined;
      return Promise.reject(error);
    }
    if (this.#over) return Promise.resolve({ done: true, value: undefined });
    this.#waiting = Promise.withResolvers();
    return this.#waiting.promise;
  }

  return(): Promise<IteratorResult<Event, undefined>> {
    this.end();
    return Promise.resolve({ done: true, value: undefined });
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #leave(): void {
    if (this.#over) return;
    this.#over = true;
    this.#handlers.left();
  }
}
