import { randomBytes } from "node:crypto";

import { listConnections, type ConnectionInfo, type ConnectionSource } from "./connections.ts";
import type { Management } from "./management.ts";

/** A queue or stream, as the management API tells it; these fields and more. */
export interface QueueInfo {
  name: string;
  type: string;
  durable: boolean;
  state?: string;
  arguments: Record<string, unknown>;
  policy?: string;
  /** Absent until the broker has counted them. */
  messages?: number;
  messages_ready?: number;
  messages_unacknowledged?: number;
  consumers?: number;
  [field: string]: unknown;
}

export interface BindingInfo {
  source: string;
  destination: string;
  destination_type: "queue" | "exchange";
  routing_key: string;
  arguments: Record<string, unknown>;
}

export interface ExchangeInfo {
  name: string;
  type: string;
  durable: boolean;
  arguments: Record<string, unknown>;
  [field: string]: unknown;
}

/** AMQP's message properties, under the names AMQP gives them. */
export interface MessageProperties {
  message_id?: string;
  type?: string;
  content_type?: string;
  content_encoding?: string;
  /** Seconds. */
  timestamp?: number;
  headers?: Record<string, unknown>;
  correlation_id?: string;
  reply_to?: string;
  /** Milliseconds, as text. */
  expiration?: string;
  priority?: number;
  /** 2: persistent. */
  delivery_mode?: 1 | 2;
  app_id?: string;
  user_id?: string;
}

/** A message taken with `get`. */
export interface TakenMessage {
  body: Buffer;
  exchange: string;
  routingKey: string;
  redelivered: boolean;
  properties: MessageProperties;
}

/** Regular expressions over names of exchanges and queues. */
export interface UserPermissions {
  /** @default ".*" */
  configure?: string;
  /** @default ".*" */
  write?: string;
  /** @default ".*" */
  read?: string;
}

/** A vhost of its own. Everything goes through the management API, so that no client library takes part. */
export interface Vhost {
  readonly name: string;
  readonly amqpUrl: string;
  /** Publishes as a foreign program would: with the given properties and no others. */
  publish(
    exchange: string,
    routingKey: string,
    body: string | Buffer,
    properties?: MessageProperties,
  ): Promise<{ routed: boolean }>;
  /** Takes messages out of a queue for good, at most `count`. @default 1 */
  get(queue: string, count?: number): Promise<TakenMessage[]>;
  queues(): Promise<QueueInfo[]>;
  queue(name: string): Promise<QueueInfo | undefined>;
  exchanges(): Promise<ExchangeInfo[]>;
  bindings(): Promise<BindingInfo[]>;
  /** Open connections, those included that were opened this instant. */
  connections(): Promise<ConnectionInfo[]>;
  /**
   * Closes connections that are open now, and waits until they are gone.
   *
   * @param filter.name matched against the name the client gave, or `host:port -> host:port` when it gave none
   * @returns how many
   */
  closeConnections(filter?: { name?: RegExp }): Promise<number>;
  createExchange(
    name: string,
    type: "topic" | "direct" | "fanout" | "headers",
    options?: { durable?: boolean; arguments?: Record<string, unknown> },
  ): Promise<void>;
  createQueue(name: string, options?: { durable?: boolean; arguments?: Record<string, unknown> }): Promise<void>;
  bind(exchange: string, queue: string, pattern: string): Promise<void>;
  unbind(exchange: string, queue: string, pattern: string): Promise<void>;
  /** A queue or a stream, with what is in it. @returns whether there was one */
  deleteQueue(name: string): Promise<boolean>;
  deleteExchange(name: string): Promise<boolean>;
  purgeQueue(name: string): Promise<void>;
  putPolicy(
    name: string,
    pattern: string,
    definition: Record<string, unknown>,
    options?: { applyTo?: string; priority?: number },
  ): Promise<void>;
  deletePolicy(name: string): Promise<boolean>;
  /** A user that may do only this and only here. It goes with the vhost. */
  user(permissions?: UserPermissions): Promise<{ username: string; password: string; amqpUrl: string }>;
  /** Removes the vhost with all that is in it, its users and its connections. */
  remove(): Promise<void>;
}

export interface VhostContext {
  management: Management;
  source: ConnectionSource;
  amqpUrl: string;
  username: string;
}

const encode = encodeURIComponent;

export async function createVhost(context: VhostContext, hint: string): Promise<Vhost> {
  const { management } = context;
  const name = `${hint}-${randomBytes(5).toString("hex")}`;
  const users: string[] = [];
  await management.put(`/api/vhosts/${encode(name)}`);
  await management.put(`/api/permissions/${encode(name)}/${encode(context.username)}`, {
    configure: ".*",
    write: ".*",
    read: ".*",
  });

  const path = (kind: string, ...rest: string[]) =>
    `/api/${[kind, name, ...rest].map((part) => encode(part)).join("/")}`;
  const list = async <T>(kind: string) => (await management.get<T[]>(path(kind))) ?? [];
  const bindingPath = (exchange: string, queue: string) =>
    `/api/bindings/${encode(name)}/e/${encode(exchange)}/q/${encode(queue)}`;
  const here = { vhost: name };

  return {
    name,
    amqpUrl: vhostUrl(context.amqpUrl, name),
    async publish(exchange, routingKey, body, properties = {}) {
      return management.post(path("exchanges", exchange || "amq.default", "publish"), {
        properties,
        routing_key: routingKey,
        payload: Buffer.from(body).toString("base64"),
        payload_encoding: "base64",
      });
    },
    async get(queue, count = 1) {
      const messages = await management.post<RawMessage[]>(path("queues", queue, "get"), {
        count,
        ackmode: "ack_requeue_false",
        encoding: "base64",
      });
      return messages.map(takenMessage);
    },
    queues: async () => list<QueueInfo>("queues"),
    queue: async (queue) => management.get<QueueInfo>(path("queues", queue)),
    exchanges: async () => list<ExchangeInfo>("exchanges"),
    bindings: async () => list<BindingInfo>("bindings"),
    connections: async () => listConnections(context.source, here),
    closeConnections: async (filter = {}) => context.source.close({ ...here, ...filter }),
    async createExchange(exchange, type, options = {}) {
      await management.put(path("exchanges", exchange), { type, durable: true, ...options });
    },
    async createQueue(queue, options = {}) {
      await management.put(path("queues", queue), { durable: true, ...options });
    },
    async bind(exchange, queue, pattern) {
      await management.post(bindingPath(exchange, queue), { routing_key: pattern });
    },
    async unbind(exchange, queue, pattern) {
      const bindings =
        (await management.get<(BindingInfo & { properties_key: string })[]>(bindingPath(exchange, queue))) ?? [];
      for (const binding of bindings.filter((each) => each.routing_key === pattern)) {
        await management.delete(`${bindingPath(exchange, queue)}/${encode(binding.properties_key)}`);
      }
    },
    deleteQueue: async (queue) => management.delete(path("queues", queue)),
    deleteExchange: async (exchange) => management.delete(path("exchanges", exchange)),
    async purgeQueue(queue) {
      await management.delete(path("queues", queue, "contents"));
    },
    async putPolicy(policy, pattern, definition, options = {}) {
      await management.put(path("policies", policy), {
        pattern,
        definition,
        priority: options.priority ?? 0,
        "apply-to": options.applyTo ?? "all",
      });
    },
    deletePolicy: async (policy) => management.delete(path("policies", policy)),
    async user(permissions = {}) {
      const username = `${name}-user-${users.length + 1}`;
      const password = randomBytes(12).toString("hex");
      users.push(username);
      await management.put(`/api/users/${encode(username)}`, { password, tags: "" });
      await management.put(path("permissions", username), { configure: ".*", write: ".*", read: ".*", ...permissions });
      const url = new URL(vhostUrl(context.amqpUrl, name));
      url.username = username;
      url.password = password;
      return { username, password, amqpUrl: url.href };
    },
    async remove() {
      await management.delete(`/api/vhosts/${encode(name)}`);
      for (const username of users.splice(0)) await management.delete(`/api/users/${encode(username)}`);
    },
  };
}

function vhostUrl(amqpUrl: string, vhost: string): string {
  const url = new URL(amqpUrl);
  url.pathname = `/${encode(vhost)}`;
  return url.href;
}

interface RawMessage {
  payload: string;
  payload_encoding: "string" | "base64";
  exchange: string;
  routing_key: string;
  redelivered: boolean;
  /** An empty list when there are none. */
  properties: MessageProperties | [];
}

function takenMessage(raw: RawMessage): TakenMessage {
  return {
    body: Buffer.from(raw.payload, raw.payload_encoding === "base64" ? "base64" : "utf8"),
    exchange: raw.exchange,
    routingKey: raw.routing_key,
    redelivered: raw.redelivered,
    properties: Array.isArray(raw.properties) ? {} : raw.properties,
  };
}
