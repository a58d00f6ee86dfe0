import type { Publisher } from "@warren/amqp";
import { CodedError, type Pattern } from "@warren/events";
import type { Logger } from "@warren/service";
import type { Socket } from "socket.io";
import { readPatterns, type Permissions } from "../auth/permissions.ts";
import type { Namespace } from "../namespaces/load.ts";
import type { Limits } from "../namespaces/schema.ts";
import type { Feed } from "../fanout/feed.ts";
import { readHistory, readPageLimit } from "../recovery/history.ts";
import { readPositionRequest } from "../recovery/position-request.ts";
import type { Session } from "../recovery/session.ts";
import { readEmittedEvent } from "./emitted-event.ts";
import { publishEmitted, toClientError } from "./publish.ts";

/** What a socket's door needs to know of the socket. */
export interface DoorOptions {
  readonly socket: Socket;
  readonly session: Session;
  readonly feed: Feed;
  readonly namespace: Namespace;
  readonly limits: Limits;
  readonly permissions: Permissions;
  readonly publisher: Publisher;
  readonly logger: Logger;
}

/**
 * The one way in: everything a client emits passes here. Control messages are answered; everything else is a publish.
 * Whatever comes is answered through its ack, where it has one, and nothing that comes can stop the process.
 */
export class Door {
  readonly #options: DoorOptions;
  #inFlight = 0;
  #idle: (() => void) | undefined;

  constructor(options: DoorOptions) {
    this.#options = options;
    options.socket.onAny((...args: unknown[]) => void this.#take(args));
  }

  /** Resolves when every publish of this socket is settled and answered. */
  async settled(): Promise<void> {
    if (this.#inFlight === 0) return;
    await new Promise<void>((resolve) => (this.#idle = resolve));
  }

  async #take(args: unknown[]): Promise<void> {
    const last = args.at(-1);
    const ack = typeof last === "function" ? (last as (answer: unknown) => void) : undefined;
    if (ack !== undefined) args.pop();
    this.#inFlight++;
    try {
      // Two steps: an optional call without a callee does not evaluate its arguments.
      const answer = await this.#answer(args);
      ack?.(answer);
    } catch (error) {
      const answer = toClientError(error);
      if (answer.code === "INTERNAL")
        this.#options.logger.error({ err: error, event: args[0] }, "a client's message could not be handled");
      ack?.({ ok: false, error: answer });
    } finally {
      this.#inFlight--;
      if (this.#inFlight === 0) this.#idle?.();
    }
  }

  #answer(args: readonly unknown[]): Promise<object> {
    switch (args[0]) {
      case "warren:subscribe":
        return this.#subscribe(readRequest(args));
      case "warren:unsubscribe":
        return this.#unsubscribe(readRequest(args));
      case "warren:history":
        return this.#history(readRequest(args));
      default:
        return this.#publish(args);
    }
  }

  async #publish(args: readonly unknown[]): Promise<object> {
    const { namespace, limits, permissions, publisher } = this.#options;
    const event = readEmittedEvent(args, namespace, limits.maxPayload);
    permissions.mayPublish(event.topic);
    if (this.#inFlight > limits.publishesInFlight) {
      throw new CodedError(
        "BUFFER_FULL",
        `${limits.publishesInFlight} messages of this client wait to be confirmed already`,
        { retryAfterMs: 1_000 },
      );
    }
    return publishEmitted(publisher, namespace.exchange, event);
  }

  async #subscribe(request: Record<string, unknown>): Promise<object> {
    const { session, limits, permissions } = this.#options;
    const topics = readPatterns(request["topics"], limits.subscriptionsPerSocket);
    for (const topic of topics) permissions.maySubscribe(topic);
    const total = new Set<Pattern>([...session.patterns, ...topics]).size;
    if (total > limits.subscriptionsPerSocket) {
      throw new CodedError(
        "SUBSCRIPTIONS_EXCEEDED",
        `expected at most ${limits.subscriptionsPerSocket} patterns in all, got ${total}`,
      );
    }
    return { ok: true, position: await session.subscribe(topics, readPositionRequest(request["position"])) };
  }

  async #history(request: Record<string, unknown>): Promise<object> {
    const { feed, limits, permissions } = this.#options;
    const topics = readPatterns(request["topics"], limits.subscriptionsPerSocket);
    for (const topic of topics) permissions.maySubscribe(topic);
    const from = readPositionRequest(request["after"] ?? "first");
    const limit = readPageLimit(request["limit"]);
    return { ok: true, ...(await readHistory({ feed, topics, from: from === "now" ? feed.end : from, limit })) };
  }

  async #unsubscribe(request: Record<string, unknown>): Promise<object> {
    await this.#options.session.unsubscribe(
      readPatterns(request["topics"], this.#options.limits.subscriptionsPerSocket),
    );
    return { ok: true };
  }
}

function readRequest(args: readonly unknown[]): Record<string, unknown> {
  const [name, request, ...rest] = args;
  if (typeof request === "object" && request !== null && !Array.isArray(request) && rest.length === 0)
    return request as Record<string, unknown>;
  throw new CodedError("EVENT_INVALID", `expected "${String(name)}" with one object and an ack`);
}
