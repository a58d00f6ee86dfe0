import { compilePatterns, type Pattern, type PositionString, type TopicMatcher } from "@warren/events";
import { Burst } from "./burst.ts";
import type { LoggedEvent } from "../log/logged-event.ts";
import { encodeEvent, namespacePrefix, type EncodedEvent } from "./packet.ts";
import type { Ring } from "../log/ring.ts";

/** Somebody on the live path. */
export interface Listener {
  /** New events, in order. Must not throw. */
  deliver(burst: Burst): void;
  /** Nothing in the log up to `position` was for this audience. */
  quiet(position: PositionString): void;
}

/**
 * All sockets of one namespace with the same set of patterns. An event is matched, chained to the one before it and
 * encoded once for all of them, and a burst is handed to each of them in one call.
 */
export class Audience {
  readonly key: string;
  readonly patterns: readonly Pattern[];
  readonly matches: TopicMatcher;
  readonly members = new Set<Listener>();
  readonly #prefix: string;
  #previous: PositionString | undefined;
  /** Offset up to which the members know that they have everything. */
  #toldOffset: number;
  #burst: EncodedEvent[] = [];
  #burstBytes = 0;
  #burstLast: LoggedEvent | undefined;

  constructor(options: { key: string; namespace: string; patterns: readonly Pattern[]; ring: Ring }) {
    this.key = options.key;
    this.patterns = options.patterns;
    this.matches = compilePatterns(options.patterns);
    this.#prefix = namespacePrefix(options.namespace);
    this.#previous = newestFor(options.patterns, this.matches, options.ring)?.position;
    this.#toldOffset = options.ring.last?.offset ?? options.ring.floor;
  }

  /** The patterns, where none of them holds a wildcard: then topics can be looked up instead of matched. */
  get literals(): readonly string[] | undefined {
    return this.patterns.every((pattern) => !isWild(pattern)) ? this.patterns : undefined;
  }

  add(event: LoggedEvent): void {
    const encoded = encodeEvent(event, this.#prefix, { previous: this.#previous, replayed: false });
    this.#burst.push(encoded);
    this.#burstBytes += encoded.bytes;
    this.#previous = event.position;
    this.#burstLast = event;
  }

  /** Hands the burst over. */
  flush(): void {
    const last = this.#burstLast;
    if (last === undefined) return;
    const burst = new Burst(this.#burst, this.#burstBytes, last.position);
    this.#burst = [];
    this.#burstBytes = 0;
    this.#burstLast = undefined;
    this.#toldOffset = last.offset;
    for (const member of this.members) member.deliver(burst);
  }

  /** The log broke: what was before is no predecessor of what comes. */
  restart(floor: number): void {
    this.#previous = undefined;
    this.#toldOffset = floor;
  }

  /** Tells the members how far the log has come, when nothing in it was for them since they last heard. */
  tellQuiet(end: LoggedEvent): void {
    if (end.offset <= this.#toldOffset) return;
    this.#toldOffset = end.offset;
    for (const member of this.members) member.quiet(end.position);
  }
}

function isWild(pattern: Pattern): boolean {
  return pattern.split(".").some((word) => word === "*" || word === "#");
}

function newestFor(patterns: readonly Pattern[], matches: TopicMatcher, ring: Ring): LoggedEvent | undefined {
  if (patterns.some(isWild)) return ring.lastMatching(matches);
  return patterns
    .map((topic) => ring.lastOf(topic))
    .reduce(
      (newest, event) => (event !== undefined && event.offset > (newest?.offset ?? -1) ? event : newest),
      undefined,
    );
}
