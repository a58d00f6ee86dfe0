import { setTimeout as delay } from "node:timers/promises";
import type { Publisher } from "@warren/amqp";
import type { Vhost } from "@warren/broker";
import { connect, type Client } from "@warren/client";
import type { PublishAck } from "@warren/events";
import { io, type Socket } from "socket.io-client";
import type { Publication } from "./publication.ts";
import type { Send } from "./publisher.ts";
import { LOGS, type LogName } from "./scenery.ts";

const ACK_TIMEOUT_MS = 3_000;
const CONFIRM_TIMEOUT_MS = 5_000;

/** One way for events to get in, with what is to be closed after it. */
export interface WayIn {
  readonly send: Send;
  close(): Promise<void>;
}

/** Over plain Socket.IO, with a connection to each gateway: what one does not ack is sent again through the other. */
export function socketWayIn(name: string, addresses: readonly string[], log: LogName, home: number): WayIn {
  const sockets = addresses.map((address) =>
    io(`${address}${LOGS[log].namespace}`, {
      auth: { topics: [] },
      query: { client: name },
      forceNew: true,
      reconnectionDelay: 50,
      reconnectionDelayMax: 1_000,
      timeout: 5_000,
      transports: ["websocket"],
    }),
  );
  for (const socket of sockets) {
    socket.on("connect_error", (error) => {
      if ((error as { data?: { retryable?: boolean } }).data?.retryable === true)
        setTimeout(() => socket.connect(), 1_000);
    });
    socket.on("disconnect", (reason) => {
      if (reason === "io server disconnect") setTimeout(() => socket.connect(), 500);
    });
  }
  return {
    send: async (publication, _log, attempt) => emit(sockets[(home + attempt) % sockets.length]!, publication),
    async close() {
      for (const socket of sockets) socket.disconnect();
    },
  };
}

async function emit(socket: Socket, { id, topic, data }: Publication): Promise<boolean> {
  // Not buffered by the socket: what waits there would be sent however late.
  if (!socket.connected) return false;
  const answer = (await socket
    .timeout(ACK_TIMEOUT_MS)
    .emitWithAck("campaign event", data, { id, topic })) as PublishAck;
  if (!answer.ok && !answer.error.retryable) throw new Error(`refused for good: ${answer.error.message}`);
  return answer.ok;
}

/** Through the SDK, which insists by itself. */
export function sdkWayIn(name: string, address: string, log: LogName): WayIn {
  const client: Client = connect(`${address}${LOGS[log].namespace}`, {
    topics: [],
    publishWindow: 20,
    ackTimeoutMs: ACK_TIMEOUT_MS,
    connectTimeoutMs: 5_000,
    backoff: { initialMs: 50, maxMs: 1_000 },
    socket: { query: { client: name }, transports: ["websocket"] },
  });
  client.onError(() => {});
  return {
    async send({ id, topic, data }) {
      await client.publish("campaign event", data, { id, topic });
      return true;
    },
    close: () => client.close(),
  };
}

/** As another program with a connection to the broker would: with confirms, some of it binary, some of it typed. */
export function amqpWayIn(publisher: Publisher): WayIn {
  return {
    async send({ id, number, topic, data }, log) {
      await publisher.publish({
        exchange: LOGS[log].exchange,
        routingKey: topic,
        body: Buffer.from(JSON.stringify(data)),
        id,
        contentType: number % 11 === 0 ? "application/octet-stream" : "application/json",
        ...(number % 3 === 0 ? { type: "campaign event" } : {}),
        timestampMs: Date.now(),
        timeoutMs: CONFIRM_TIMEOUT_MS,
      });
      return true;
    },
    async close() {
      await publisher.close();
    },
  };
}

/** As a foreign program would that gives its messages no id, no type and no time; it never sends one twice. */
export function foreignWayIn(vhost: Vhost): WayIn {
  return {
    async send({ topic, data }, log) {
      const published = vhost.publish(LOGS[log].exchange, topic, JSON.stringify(data));
      published.catch(() => {});
      const { routed } = await Promise.race([published, delay(CONFIRM_TIMEOUT_MS, { routed: false }, { ref: false })]);
      return routed;
    },
    async close() {},
  };
}
