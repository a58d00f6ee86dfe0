import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import type { OutgoingMessage, Publisher } from "@warren/amqp";
import type { ClientError, EventMeta, Gap, Ready } from "@warren/events";
import { createMemoryEventLog, type MemoryEventLog } from "@warren/event-log";
import { createLogger } from "@warren/service";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";
import { expect, onTestFinished } from "vitest";
import { Feed } from "../src/fanout/feed.ts";
import { Gate } from "../src/gate.ts";
import { parseBridge } from "../src/namespaces/load.ts";

export interface GateFixture {
  readonly log: MemoryEventLog;
  readonly feed: Feed;
  readonly gate: Gate;
  readonly url: string;
  readonly published: readonly OutgoingMessage[];
  /** Appends numbered events, as if somebody had published them. */
  emit(...numbers: number[]): void;
  connect(auth?: object, options?: Partial<ManagerOptions & SocketOptions> & { namespace?: string }): TestClient;
}

/** A gateway's inside on a log in memory, with real sockets in front. Taken down when the test ends. */
export async function openGate(
  options: { yaml?: string; limits?: string; prefill?: (log: MemoryEventLog) => void; refusal?: ClientError } = {},
): Promise<GateFixture> {
  const yaml =
    options.yaml ??
    `namespaces: { /chat: { exchange: chat, anonymous: true, defaultTopics: ["#"] } }\nlimits: ${options.limits ?? "{}"}`;
  const bridge = parseBridge(yaml, "test.yaml");
  const log = createMemoryEventLog("chat.log");
  options.prefill?.(log);
  const logger = createLogger({ name: "gate", level: "silent" });
  const { ringBytes, replayReaders: readers, replayBytes: pastBytes } = bridge.limits;
  const { window: windowMs, events: windowOffsets } = bridge.namespaces[0]!.dedupe;
  const dedupe = { windowMs, windowOffsets };
  const feed = new Feed({ live: log, past: log, ringBytes, readers, pastBytes, dedupe, logger, onAttached: () => {} });
  await feed.start(new AbortController().signal);
  const published: OutgoingMessage[] = [];
  const publisher: Publisher = {
    pending: { messages: 0, bytes: 0 },
    async publish(message) {
      published.push(message);
      const { body, id, type = "", contentType = "", headers = {}, timestampMs = 0, routingKey } = message;
      log.append({ body, id, topic: routingKey, type, contentType, headers, time: timestampMs });
    },
    flush: async () => {},
    close: async () => {},
  };
  const feeds = new Map([["chat", feed]]);
  const server = createServer();
  const gate = new Gate({ server, bridge, feeds, publisher, logger, refusal: () => options.refusal });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const clients: TestClient[] = [];
  onTestFinished(async () => {
    for (const client of clients) client.socket.disconnect();
    await gate.close();
    await feed.close();
    await log.close();
    expect(log.readers).toBe(0);
  });
  return {
    log,
    feed,
    gate,
    url,
    published,
    emit(...numbers) {
      for (const number of numbers) appendNumber(log, number);
    },
    connect(auth = {}, { namespace = "/chat", ...rest } = {}) {
      const client = new TestClient(url + namespace, auth, rest);
      clients.push(client);
      return client;
    },
  };
}

export function appendNumber(
  log: MemoryEventLog,
  number: number,
  topic = `n.${number % 2 === 0 ? "even" : "odd"}`,
): void {
  log.append({
    topic,
    body: Buffer.from(String(number)),
    contentType: "application/json",
    type: "number",
    id: `id-${number}`,
  });
}

export interface Received {
  readonly type: string;
  readonly data: unknown;
  readonly meta: EventMeta;
}

/** A plain Socket.IO client that notes everything it is told, in order. */
export class TestClient {
  readonly socket: Socket;
  readonly all: { name: string; args: unknown[] }[] = [];
  /** Application events, in order. */
  readonly events: Received[] = [];
  readonly #watchers = new Set<() => void>();

  constructor(url: string, auth: object, options: Partial<ManagerOptions & SocketOptions>) {
    this.socket = io(url, { auth, forceNew: true, reconnection: false, transports: ["websocket"], ...options });
    this.socket.onAny((name: string, ...args: unknown[]) => {
      this.all.push({ name, args });
      if (!name.startsWith("warren:")) this.events.push({ type: name, data: args[0], meta: args[1] as EventMeta });
      for (const watcher of this.#watchers) watcher();
    });
    this.socket.on("connect_error", (error) => {
      this.all.push({ name: "connect_error", args: [error] });
      for (const watcher of this.#watchers) watcher();
    });
  }

  get numbers(): unknown[] {
    return this.events.map(({ data }) => data);
  }

  get gaps(): Gap[] {
    return this.all.filter(({ name }) => name === "warren:gap").map(({ args }) => args[0] as Gap);
  }

  get lastPosition(): string {
    return this.events.at(-1)!.meta.position;
  }

  async message<T>(name: string): Promise<T> {
    await this.until(() => this.all.some((message) => message.name === name));
    return this.all.find((message) => message.name === name)!.args[0] as T;
  }

  ready(): Promise<Ready> {
    return this.message<Ready>("warren:ready");
  }

  /** Resolves when the client is live: told so by `warren:ready`, or caught up. */
  async live(): Promise<void> {
    await this.until(() =>
      this.all.some(
        ({ name, args }) =>
          name === "warren:caught-up" || (name === "warren:ready" && (args[0] as Ready).status === "live"),
      ),
    );
  }

  /** Resolves when `fact` holds, asked whenever something arrives. */
  async until(fact: () => boolean): Promise<void> {
    if (fact()) return;
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(
        () =>
          reject(
            new Error(
              `still waiting; so far: ${this.all
                .map(({ name }) => name)
                .join(" ")
                .slice(0, 500)}`,
            ),
          ),
        10_000,
      );
      const watcher = () => {
        if (!fact()) return;
        clearTimeout(timer);
        this.#watchers.delete(watcher);
        resolve();
      };
      this.#watchers.add(watcher);
    });
  }

  async received(count: number): Promise<void> {
    await this.until(() => this.events.length >= count);
  }
}

/** Checks that each event names the one before it. The first may name where the client stood. */
export function expectChained(events: readonly Received[]): void {
  for (const [index, { meta }] of events.entries()) {
    if (index > 0) expect(meta.previous, `event ${index}`).toBe(events[index - 1]!.meta.position);
  }
}
