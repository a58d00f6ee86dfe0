import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createConnection, createPublisher, type Connection, type Publisher } from "@warren/amqp";
import { acquireBroker, type Broker, type Vhost } from "@warren/broker";
import { environmentWith } from "../config.ts";
import { EVENT_TYPE, eventsOf, topicName, type Batch } from "../event.ts";
import { descendants } from "../measure/processes.ts";
import type { Contender } from "./contender.ts";
import { freePort, ServerProcess } from "./server-process.ts";

const EXCHANGE = "bench";
const MAIN = new URL("../../../apps/gateway/src/main.ts", import.meta.url);

export interface WarrenOptions {
  /** Lines of the gateway's `limits`, as YAML. */
  readonly limits?: Readonly<Record<string, string | number>>;
  /** Folder for a CPU profile of the gateway, written when it is closed. */
  readonly profileDir?: string | undefined;
}

/** A gateway, and a RabbitMQ of its own. */
export class Warren implements Contender {
  readonly name = "Warren";
  readonly dialect = "warren";
  readonly publishesWhileKilled = true;
  readonly broker: Broker;
  readonly port: number;
  readonly #vhost: Vhost;
  readonly #folder: string;
  readonly #server: ServerProcess;
  readonly #connection: Connection;
  readonly #publisher: Publisher;
  #run = 0;

  private constructor(broker: Broker, vhost: Vhost, port: number, options: WarrenOptions) {
    this.broker = broker;
    this.#vhost = vhost;
    this.port = port;
    this.#folder = mkdtempSync(join(tmpdir(), "warren-bench-"));
    const config = join(this.#folder, "gateway.yaml");
    const namespaces = { "/": { exchange: EXCHANGE, anonymous: true, log: { maxBytes: "4GiB" } } };
    writeFileSync(config, JSON.stringify({ namespaces, limits: options.limits ?? {} }));
    const { profileDir } = options;
    this.#server = ServerProcess.node(MAIN, {
      env: {
        AMQP_URL: vhost.amqpUrl,
        GATEWAY_PORT: String(port),
        GATEWAY_HOST: "127.0.0.1",
        WARREN_CONFIG: config,
        LOG_LEVEL: "warn",
      },
      flags: profileDir === undefined ? [] : ["--cpu-prof", `--cpu-prof-dir=${profileDir}`],
    });
    this.#connection = createConnection({ url: vhost.amqpUrl, name: "bench" });
    this.#publisher = createPublisher(this.#connection, { maxWaiting: 1_000_000, maxBytes: 1024 ** 3 });
  }

  static async start(options: WarrenOptions = {}): Promise<Warren> {
    // A node of its own: its processes are measured, and stopped.
    const broker = await acquireBroker({ env: environmentWith({ AMQP_URL: "", WARREN_BROKER: "node" }) });
    const warren = new Warren(broker, await broker.createVhost("bench"), await freePort(), options);
    await warren.restart();
    return warren;
  }

  get amqpUrl(): string {
    return this.#vhost.amqpUrl;
  }

  serverPids(): readonly number[] {
    return [this.#server.pid];
  }

  behindPids(): readonly number[] {
    return descendants(process.pid, "beam.smp");
  }

  publish(batch: Batch): Promise<void> {
    return this.#publishOn(this.#publisher, batch);
  }

  /** A publisher that has not waited for anything: its connection is opened now. */
  async freshPublisher(): Promise<{ publish(batch: Batch): Promise<void>; close(): Promise<void> }> {
    const connection = createConnection({ url: this.amqpUrl, name: "bench, fresh" });
    const publisher = createPublisher(connection);
    await connection.opened();
    return {
      publish: (batch) => this.#publishOn(publisher, batch),
      async close() {
        await publisher.close(1_000);
        await connection.close();
      },
    };
  }

  async #publishOn(publisher: Publisher, batch: Batch): Promise<void> {
    this.#run++;
    const confirms: Promise<void>[] = [];
    for (const { topic, text, id } of eventsOf(batch)) {
      confirms.push(
        publisher.publish({
          exchange: EXCHANGE,
          routingKey: topicName(topic),
          body: Buffer.from(JSON.stringify(text)),
          id: `${id}-${this.#run}`,
          type: EVENT_TYPE,
          contentType: "application/json",
        }),
      );
    }
    await Promise.all(confirms);
  }

  kill(): Promise<void> {
    return this.#server.stop("SIGKILL");
  }

  async restart(): Promise<void> {
    this.#server.spawn();
    await this.#server.until(async () => (await fetch(`http://127.0.0.1:${this.port}/readyz`)).ok);
  }

  memory(): ReturnType<ServerProcess["memory"]> {
    return this.#server.memory();
  }

  async close(): Promise<void> {
    await this.#publisher.close(1_000);
    await this.#connection.close();
    await this.#server.stop("SIGTERM");
    rmSync(this.#folder, { recursive: true, force: true });
    await this.broker.release();
  }
}
