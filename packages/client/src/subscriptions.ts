import { patternsKey, type Pattern, type PositionRequest } from "@warren/events";

import { Backfill } from "./backfill.ts";
import { WarrenError } from "./errors.ts";
import type { Outbox } from "./outbox.ts";
import type { Reception } from "./reception.ts";

/** The patterns a client is subscribed to, and how they change while it is connected. */
export class Subscriptions {
  readonly #outbox: Outbox;
  readonly #reception: Reception;
  /** Undefined leaves it to the namespace, whose answer is `granted`. */
  #asked: readonly Pattern[] | undefined;
  granted: readonly Pattern[] = [];

  /** @param outbox one that sends one request at a time, and drops the link when an answer does not come */
  constructor(topics: readonly Pattern[] | undefined, outbox: Outbox, reception: Reception) {
    this.#asked = topics;
    this.#outbox = outbox;
    this.#reception = reception;
  }

  /** What to connect with. Only what a gateway has confirmed: an add that is under way is sent again by itself. */
  get asked(): readonly Pattern[] | undefined {
    return this.#asked;
  }

  get current(): readonly Pattern[] {
    return this.#asked ?? this.granted;
  }

  async add(topics: readonly Pattern[], position: PositionRequest | undefined): Promise<void> {
    const backfill = position === undefined ? undefined : new Backfill(position);
    let reached = position;
    await this.#outbox.add({
      name: "warren:subscribe",
      args: () => {
        this.#reception.backfill = backfill;
        return [backfill === undefined ? { topics } : { topics, position: backfill.position }];
      },
      bytes: patternsKey(topics).length,
      // While the client itself is caught up, events of both replays could not be told apart.
      mayGo: () => backfill === undefined || this.#reception.live,
      stillGoing: () => {
        if (backfill === undefined || backfill.position === reached) return false;
        reached = backfill.position;
        return true;
      },
      answered: (answer) => {
        this.#asked = [...new Set([...this.current, ...topics])];
        this.#reception.subscribed(answer);
      },
      refused: (refusal) => new WarrenError(refusal),
    });
  }

  async remove(topics: readonly Pattern[]): Promise<void> {
    await this.#outbox.add({
      name: "warren:unsubscribe",
      args: () => [{ topics }],
      bytes: patternsKey(topics).length,
      answered: () => {
        this.#asked = this.current.filter((topic) => !topics.includes(topic));
      },
      refused: (refusal) => new WarrenError(refusal),
    });
  }
}
