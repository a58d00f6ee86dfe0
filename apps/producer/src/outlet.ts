import { setTimeout as pause } from "node:timers/promises";
import { hostname } from "node:os";
import {
  createConnection,
  createPublisher,
  declareTopology,
  PublishError,
  TopologyError,
  type Connection,
  type OutgoingMessage,
} from "@warren/amqp";
import { CodedError } from "@warren/events";
import type { Logger } from "@warren/service";
import { logName, type Topology } from "@warren/topology";
import { publishRefusal } from "./publish-refusal.ts";

export interface OutletOptions {
  amqpUrl: string;
  /** Declared durable, type topic, whenever the connection opens: a broker that was replaced gets them back. */
  exchanges: readonly string[];
  /** Unit: milliseconds. */
  confirmTimeoutMs: number;
  logger: Logger;
  /** Told whenever it changes: what is wrong, or undefined while messages can be published. */
  onReadiness?: (fault: string | undefined) => void;
}

/** The producer's way to its exchanges. */
export interface Outlet {
  /**
   * Resolves on the broker's confirm. Where the broker is away it does not wait for it.
   *
   * @throws CodedError as an HTTP client may see it
   */
  publish(message: OutgoingMessage): Promise<void>;
  /**
   * Resolves when messages can be published for the first time. An unreachable broker is tried until `signal` aborts.
   *
   * @throws ConnectionRefused, TopologyError
   */
  opened(signal: AbortSignal): Promise<void>;
  /** Finishes what was taken, then closes the connection. */
  close(): Promise<void>;
}

/** Unit: milliseconds. How long after a refused declaration the next one is tried. */
const DECLARE_AGAIN_MS = 2_000;

/**
 *   away      no connection, or the broker has blocked it
 *   declaring connected; the exchanges are not known to be there
 *   ready     messages can be published
 *
 *   away ⇄ declaring → ready → away
 */
export function createOutlet(options: OutletOptions): Outlet {
  const { logger } = options;
  const connection = createConnection({
    url: options.amqpUrl,
    name: `producer ${hostname()}:${process.pid}`,
    logger,
  });
  const publisher = createPublisher(connection, { confirmTimeoutMs: options.confirmTimeoutMs });
  const first = Promise.withResolvers<undefined>();
  first.promise.catch(() => {});
  let declared = false;
  /** Counts the openings, so that what was begun on an earlier one says nothing about this one. */
  let opening = 0;
  let wasOpen = false;
  let again: NodeJS.Timeout | undefined;
  let told: string | undefined;

  async function declare(mine: number): Promise<void> {
    try {
      await declareTopology(connection, exchangesOnly(options.exchanges));
      await logsUp(connection, options.exchanges);
      if (mine !== opening) return;
      declared = true;
      first.resolve(undefined);
    } catch (error) {
      if (mine !== opening || connection.state !== "open") return;
      if (error instanceof TopologyError) first.reject(error);
      const fault =
        error instanceof TopologyError ? "the exchanges are not as they must be" : "cannot declare the exchanges";
      logger.error({ err: error }, `${fault}; trying again`);
      again = setTimeout(() => void declare(mine), DECLARE_AGAIN_MS);
    }
    tell();
  }

  function tell(): void {
    const fault = awayFault(connection) ?? (declared ? undefined : "the exchanges are not declared yet");
    if (fault === told) return;
    told = fault;
    options.onReadiness?.(fault);
  }

  connection.onChange(() => {
    const isOpen = connection.state === "open";
    if (isOpen !== wasOpen) {
      wasOpen = isOpen;
      declared = false;
      opening++;
      clearTimeout(again);
      if (isOpen) void declare(opening);
    }
    tell();
  });
  tell();

  return {
    async publish(message) {
      const away = awayFault(connection);
      if (away !== undefined) throw new CodedError("BROKER_UNAVAILABLE", `${away}.`, { retryAfterMs: 1_000 });
      if (!declared) throw new CodedError("NOT_READY", "The exchanges are not declared yet.", { retryAfterMs: 1_000 });
      try {
        await publisher.publish(message);
      } catch (error) {
        throw error instanceof PublishError ? publishRefusal(error, message) : error;
      }
    },
    async opened(signal) {
      signal.addEventListener("abort", () => first.reject(signal.reason), { once: true });
      await connection.opened(signal);
      await first.promise;
    },
    async close() {
      clearTimeout(again);
      await publisher.close(options.confirmTimeoutMs);
      await connection.close();
    },
  };
}

function awayFault(connection: Connection): string | undefined {
  if (connection.state !== "open") return "The broker cannot be reached just now";
  return connection.blocked === undefined ? undefined : `The broker takes no messages just now: ${connection.blocked}`;
}

/** Unit: milliseconds. How long a broker that has just started may take to bring up its streams. */
const RECOVERY_MS = 10_000;
const RECOVERY_STEP_MS = 100;

/**
 * Waits for the logs that a broker is still bringing up after its own start: until then it takes messages, confirms
 * them where any other queue is bound, and the log never sees them. Logs that do not exist are not waited for.
 */
async function logsUp(connection: Connection, exchanges: readonly string[]): Promise<void> {
  const queues = exchanges.map((name) => ({ queueType: "stream", name: logName(name), declare: false }) as const);
  for (let leftMs = RECOVERY_MS; leftMs > 0; leftMs -= RECOVERY_STEP_MS) {
    try {
      return await declareTopology(connection, { exchanges: [], queues, bindings: [] });
    } catch (error) {
      if (!(error instanceof TopologyError)) throw error;
      if (!error.failures.some(({ code }) => code === "DOWN")) return;
      await pause(RECOVERY_STEP_MS);
    }
  }
}

/** The logs are not the producer's: the gateway, or whoever else wants the events, binds what keeps them. */
function exchangesOnly(names: readonly string[]): Topology {
  return { exchanges: names.map((name) => ({ name, type: "topic", durable: true })), queues: [], bindings: [] };
}
