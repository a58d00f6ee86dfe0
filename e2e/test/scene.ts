import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection, createPublisher, type OutgoingMessage } from "@warren/amqp";
import { createStreamEventLog } from "@warren/event-log";
import { it as launchIt } from "./it.ts";
import { PlainClient, type PlainClientOptions } from "./plain-client.ts";
import type { App } from "./processes.ts";
import { Wire } from "./wire.ts";

/** Unit: bytes; `maxAge` as RabbitMQ spells it. */
export interface LogRetention {
  readonly maxAge: string;
  readonly maxBytes: number;
  readonly segmentBytes: number;
}

/** What is said of a message besides its number. */
export type Said = Partial<Omit<OutgoingMessage, "id">>;

/** Everything a hole is looked for with: gateways, wires, clients, and a program that publishes past all of them. */
export interface Scene {
  /** Starts a gateway. @param yaml its configuration @default the repository's */
  gateway(yaml?: string): Promise<App>;
  wire(gateway: App): Promise<Wire>;
  client(url: string, options?: PlainClientOptions): PlainClient;
  /** Publishes events one after the other on exchange "chat", topic "a", as JSON. Resolves with their ids once confirmed. */
  publish(from: number, to: number, said?: Said): Promise<string[]>;
  /**
   * Publishes what nobody listens to until the log of exchange "chat" has lost its record at `offset`.
   *
   * @param log what the gateway's configuration says of it @default as in `tightYaml`
   */
  expire(offset: number, log?: LogRetention): Promise<void>;
}

export const it = launchIt.extend<{ scene: Scene }>({
  scene: async ({ launch, vhost }, use) => {
    const endings: (() => unknown)[] = [];
    const folder = await mkdtemp(join(tmpdir(), "warren-e2e-"));
    const connection = createConnection({ url: vhost.amqpUrl, name: "scene" });
    const publisher = createPublisher(connection);
    let files = 0;

    const publish: Scene["publish"] = async (from, to, said = {}) => {
      const ids: string[] = [];
      const sent: Promise<void>[] = [];
      for (let number = from; number <= to; number++) {
        const id = `e-${number}`;
        ids.push(id);
        const body = Buffer.from(String(number));
        const plain = { exchange: "chat", routingKey: "a", body, type: "number", contentType: "application/json" };
        sent.push(publisher.publish({ ...plain, ...said, id }));
        if (sent.length % 200 === 0) await Promise.all(sent.splice(0));
      }
      await Promise.all(sent);
      return ids;
    };

    await use({
      publish,
      async gateway(yaml) {
        if (yaml === undefined) return launch("gateway");
        const file = join(folder, `gateway-${++files}.yaml`);
        await writeFile(file, yaml);
        return launch("gateway", { WARREN_CONFIG: file });
      },
      async wire(gateway) {
        const wire = await Wire.to(gateway.port);
        endings.push(() => wire.close());
        return wire;
      },
      client(url, options) {
        const client = new PlainClient(url, options);
        endings.push(() => client.socket.disconnect());
        return client;
      },
      async expire(offset, retention = TIGHT) {
        const log = createStreamEventLog({
          consumeConnection: connection,
          publisher,
          exchange: "chat",
          log: retention,
        });
        try {
          for (let round = 1; (await log.bounds()).first.offset <= offset; round++) {
            if (round > 100) throw new Error(`retention did not pass offset ${offset}`);
            const body = Buffer.alloc(retention.maxBytes / 100);
            await publish(-round * 200, -round * 200 + 199, { routingKey: "filler", body });
          }
        } finally {
          await log.close();
        }
      },
    });
    for (const end of endings.toReversed()) await end();
    await publisher.close();
    await connection.close();
    await rm(folder, { recursive: true });
  },
});

const TIGHT: LogRetention = { maxAge: "7D", maxBytes: 200_000, segmentBytes: 20_000 };

/** The configuration of a gateway whose logs keep little and which keeps next to nothing in memory. */
export const tightYaml = `
namespaces:
  /chat: { exchange: chat, anonymous: true, log: { maxAge: 7d, maxBytes: 200000B, segmentBytes: 20000B } }
  /other: { exchange: other, anonymous: true, log: { maxAge: 7d, maxBytes: 200000B, segmentBytes: 20000B } }
limits: { ringBytes: 16KiB, replayBytes: 1KiB, socketBudget: 64KiB }
`;
