import { expect, vi } from "vitest";
import type { Broker, Vhost } from "@warren/broker";
import { createConnection, createPublisher, declareTopology, type Connection, type Publisher } from "@warren/amqp";
import { createStreamEventLog, type StreamEventLogOptions } from "@warren/event-log";
import type { EventLogHarness, HarnessOptions, SuiteMessage } from "@warren/event-log/suite";
import { eventLogTopology, type LogRetention } from "@warren/topology";

export const EXCHANGE = "chat";

// Retention works in segments, and a segment ends at the first chunk past this size.
const RETENTION = {
  ample: {},
  tight: { segmentBytes: 20_000, maxBytes: 200_000 },
} satisfies Record<HarnessOptions["retention"], LogRetention>;

export interface StreamHarness extends EventLogHarness {
  readonly vhost: Vhost;
  readonly consumeConnection: Connection;
  readonly publisher: Publisher;
  /** Another log object on the same stream. */
  readonly another: (options?: Partial<StreamEventLogOptions>) => ReturnType<typeof createStreamEventLog>;
  /** Channels with a consumer on them, as the broker lists them: some seconds late. */
  readonly channels: () => Promise<readonly ConsumingChannel[]>;
}

interface ConsumingChannel {
  readonly messages_unacknowledged: number;
  readonly consumer_count: number;
  readonly prefetch_count: number;
}

/** A log in a vhost of its own. What goes wrong is done from outside: through the management API, or to the broker. */
export async function createStreamHarness(broker: Broker, options: HarnessOptions): Promise<StreamHarness> {
  const vhost = await broker.createVhost("event-log");
  const consumeConnection = createConnection({ url: vhost.amqpUrl, name: "event-log consume" });
  const publishConnection = createConnection({ url: vhost.amqpUrl, name: "event-log publish" });
  await Promise.all([consumeConnection.opened(), publishConnection.opened()]);
  const publisher = createPublisher(publishConnection);
  const retention = RETENTION[options.retention];
  const topology = eventLogTopology({ exchange: EXCHANGE, log: retention });
  const streamOptions = { consumeConnection, publisher, exchange: EXCHANGE, log: retention };
  const log = createStreamEventLog(streamOptions);
  const others: (typeof log)[] = [];
  await declareTopology(consumeConnection, topology);

  const append = async (messages: readonly SuiteMessage[]): Promise<void> => {
    let sent: Promise<void>[] = [];
    for (const message of messages) {
      if (message.id !== undefined) {
        sent.push(publisher.publish(outgoing(message, message.id)));
        continue;
      }
      await Promise.all(sent);
      sent = [];
      await publishForeign(vhost, message);
    }
    await Promise.all(sent);
  };
  const channels = async (): Promise<ConsumingChannel[]> => {
    const authorization = `Basic ${Buffer.from(`${broker.username}:${broker.password}`).toString("base64")}`;
    const response = await fetch(`${broker.managementUrl}/api/vhosts/${encodeURIComponent(vhost.name)}/channels`, {
      headers: { authorization },
    });
    const listed = (await response.json()) as ConsumingChannel[];
    return listed.filter((channel) => channel.consumer_count > 0);
  };

  return {
    log,
    vhost,
    consumeConnection,
    publisher,
    append,
    channels,
    another: (changes = {}) => {
      const other = createStreamEventLog({ ...streamOptions, ...changes });
      others.push(other);
      return other;
    },
    truncatePast: async (offset) => {
      const filler = { topic: "filler", body: Buffer.alloc(200) };
      for (let round = 0; (await log.bounds()).first.offset <= offset; round++) {
        if (round > 50) throw new Error(`retention did not pass offset ${offset}`);
        await append(Array.from({ length: 200 }, (_, index) => ({ ...filler, id: `filler-${round}-${index}` })));
      }
    },
    recreate: async () => {
      await vhost.deleteQueue(log.name);
      await declareTopology(consumeConnection, topology);
    },
    loseConnection: async () => {
      // Only the reading side: a publish that was under way would be sent again, and stand in the log twice.
      await vhost.closeConnections({ name: /consume/ });
    },
    restart: async () => {
      await broker.faults.stop();
      await broker.faults.start();
      // RabbitMQ 3.10 accepts connections some tenths of a second before it routes to its streams again.
      await log.bounds();
    },
    readers: async () => (await channels()).length,
    close: async () => {
      await Promise.all([log, ...others].map((each) => each.close()));
      await publisher.close();
      await Promise.all([consumeConnection.close(), publishConnection.close()]);
      await vi.waitFor(async () => expect(await vhost.connections()).toEqual([]), { timeout: 10_000, interval: 50 });
      await vhost.remove();
    },
  };
}

function outgoing(message: SuiteMessage, id: string): Parameters<Publisher["publish"]>[0] {
  const { topic, body = Buffer.alloc(0), time, ...given } = message;
  return {
    ...given,
    id,
    exchange: EXCHANGE,
    routingKey: topic,
    body,
    ...(time === undefined ? {} : { timestampMs: time }),
  };
}

/** As a program of somebody else's would: with nothing but what is given. */
async function publishForeign(vhost: Vhost, message: SuiteMessage): Promise<void> {
  const { topic, body = Buffer.alloc(0), type, headers } = message;
  await vhost.publish(EXCHANGE, topic, body, {
    ...(type === undefined ? {} : { type }),
    ...(headers === undefined ? {} : { headers }),
  });
}
