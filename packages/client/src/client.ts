import type { EventMeta, GapReason, Pattern, PositionRequest, PositionString, PublishOptions } from "@warren/events";

import type { WarrenError } from "./errors.ts";
import type { EventStream } from "./event-stream.ts";
import type { ConnectionState } from "./session.ts";

/** What events there are: the type of each one's data by the event's type. */
export type EventMap = Record<string, unknown>;

/** One event, as iterators yield it. */
export type ClientEvent<Events extends object = EventMap> = {
  [Type in keyof Events & string]: { readonly type: Type; readonly data: Events[Type]; readonly meta: EventMeta };
}[keyof Events & string];

/** Events that this client did not get. `unhealed`: lost on the live path, and resuming did not bring them. */
export interface ClientGap {
  readonly from: PositionString;
  readonly to: PositionString;
  readonly reason: GapReason | "unhealed" | (string & {});
}

/** A loss on the live path that the client noticed; it resumes from `from`. */
export interface Healing {
  readonly from: PositionString;
  /** The position of the newest event that is known to be missing. */
  readonly to: PositionString;
  /** Counts the tries for this loss, from 1. */
  readonly attempt: number;
}

export interface ClientStats {
  /** Events handed to listeners and loops. */
  readonly received: number;
  /** Events that had been received before, and were dropped. */
  readonly repeats: number;
  /** Times that a loss on the live path was noticed and resumed from. */
  readonly healings: number;
  readonly gaps: number;
  /** Connections that became ready, the first one included. */
  readonly connections: number;
  /** Publishes that wait for their confirm; `bytes` is what they hold, `retried` counts those sent again. */
  readonly publishing: { readonly waiting: number; readonly bytes: number; readonly retried: number };
}

export interface EventsOptions {
  /** Ends the loop, without an error. @default none */
  signal?: AbortSignal | undefined;
  /**
   * Most events that wait for the loop. Past it the client cuts its connection, and resumes when the loop has had
   * them: the log serves, nothing is lost. @default 1_000
   */
  buffer?: number | undefined;
}

export interface SubscribeOptions {
  /**
   * Brings what only the new patterns match, from here up to now, first. Not to be awaited inside a loop over events,
   * which would wait for its own buffer to drain. @default none: from now on
   */
  position?: PositionRequest | undefined;
}

export interface PublishRequest extends PublishOptions {
  /** Gives up waiting; the event may have been published all the same. @default none */
  signal?: AbortSignal | undefined;
}

/** One namespace of a gateway, seen by one client. Every `on…` returns the removal of its listener. */
export interface Client<Events extends object = EventMap> {
  readonly state: ConnectionState;
  /** Up to where the application has applied events: its listeners have returned, its loops have asked for more. */
  readonly position: PositionString | undefined;
  /** The patterns this client is subscribed to. */
  readonly topics: readonly Pattern[];
  readonly stats: ClientStats;

  /** Listens for one type of event. */
  on<Type extends keyof Events & string>(
    type: Type,
    listener: (data: Events[Type], meta: EventMeta) => unknown,
  ): () => void;
  /** Listens for every event, those of types nobody declared too. */
  onAny(listener: (type: string, data: unknown, meta: EventMeta) => unknown): () => void;
  onState(listener: (state: ConnectionState) => unknown): () => void;
  /** Listens for gaps; called before any later event is. */
  onGap(listener: (gap: ClientGap) => unknown): () => void;
  onHealing(listener: (healing: Healing) => unknown): () => void;
  /** Listens for what goes wrong beside the promises that reject: lost and refused connections, stores, listeners. */
  onError(listener: (error: WarrenError) => unknown): () => void;

  /**
   * Every event from now on, for one `for await`. An event counts as applied when the loop asks for the next one.
   * Throws a `WarrenError` when the gateway refuses this client for good; ends without one on `signal` and `close`.
   */
  events(options?: EventsOptions): EventStream<ClientEvent<Events>>;

  /**
   * Publishes one event: sent again with the same id until the broker has confirmed it, through any number of lost
   * connections, in the order of the calls. `data` travels as it is now: binary as it is, everything else as JSON.
   *
   * Rejects with `PublishRefused` when it is refused for good, when too much waits (`BUFFER_FULL`), when this client is
   * refused or closed (`CLOSED`: the event may have been published all the same); with the signal's reason when that
   * aborts.
   */
  publish<Type extends keyof Events & string>(
    type: Type,
    data: Events[Type],
    options?: PublishRequest,
  ): Promise<{ id: string }>;

  /**
   * Adds patterns, now and for every connection to come. With a position, it begins when the client is live, and leaves
   * the client's own position alone. Resolves when the gateway has subscribed; rejects with `WarrenError`.
   */
  subscribe(topics: readonly Pattern[], options?: SubscribeOptions): Promise<void>;
  /** Removes patterns, now and for every connection to come. Rejects with `WarrenError`. */
  unsubscribe(topics: readonly Pattern[]): Promise<void>;

  /** Cuts the connection and stays away until `reconnect`. Publishes wait. */
  disconnect(): void;
  /**
   * Connects now: after `disconnect`, after a refusal, or instead of waiting for the next try.
   * Throws `CLOSED` on a closed client.
   */
  reconnect(): void;
  /** Ends everything: loops end, waiting publishes reject with `CLOSED`, the position is saved. */
  close(): Promise<void>;
}
