import { patternsKey, type Pattern, type Topic } from "@warren/events";
import { Audience, type Listener } from "./audience.ts";
import type { LoggedEvent } from "../log/logged-event.ts";
import type { Ring } from "../log/ring.ts";

/** Topics whose audiences are remembered, so that most events need no matching at all. */
const REMEMBERED_TOPICS = 10_000;

/** The audiences of one log, and which of them a topic concerns. */
export class Audiences {
  readonly #byKey = new Map<string, Audience>();
  readonly #literal = new Map<Topic, Set<Audience>>();
  readonly #wild = new Set<Audience>();
  readonly #remembered = new Map<Topic, readonly Audience[]>();

  get size(): number {
    return this.#byKey.size;
  }

  [Symbol.iterator](): Iterator<Audience> {
    return this.#byKey.values();
  }

  /** Puts a listener on the live path. Without patterns there is nothing to listen to, and no audience. */
  join(listener: Listener, namespace: string, patterns: readonly Pattern[], ring: Ring): Audience {
    const key = `${namespace} ${patternsKey(patterns)}`;
    let audience = this.#byKey.get(key);
    if (audience === undefined) {
      audience = new Audience({ key, namespace, patterns: [...patterns], ring });
      this.#byKey.set(key, audience);
      this.#index(audience);
    }
    audience.members.add(listener);
    return audience;
  }

  leave(listener: Listener, audience: Audience): void {
    audience.members.delete(listener);
    if (audience.members.size > 0) return;
    this.#byKey.delete(audience.key);
    this.#wild.delete(audience);
    for (const topic of audience.literals ?? []) {
      const set = this.#literal.get(topic);
      set?.delete(audience);
      if (set?.size === 0) this.#literal.delete(topic);
    }
    this.#remembered.clear();
  }

  /** Every audience the event is for. */
  of(event: LoggedEvent): readonly Audience[] {
    const known = this.#remembered.get(event.topic);
    if (known !== undefined) return known;
    const found = [...(this.#literal.get(event.topic) ?? [])];
    for (const audience of this.#wild) if (audience.matches(event.topic)) found.push(audience);
    if (this.#remembered.size >= REMEMBERED_TOPICS) this.#remembered.clear();
    this.#remembered.set(event.topic, found);
    return found;
  }

  #index(audience: Audience): void {
    const { literals } = audience;
    if (literals === undefined) this.#wild.add(audience);
    for (const topic of literals ?? []) {
      const set = this.#literal.get(topic);
      if (set === undefined) this.#literal.set(topic, new Set([audience]));
      else set.add(audience);
    }
    this.#remembered.clear();
  }
}
