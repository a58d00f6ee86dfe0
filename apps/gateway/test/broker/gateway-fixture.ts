import { createLogger, type Logger } from "@warren/service";
import { it as brokerIt } from "@warren/broker/vitest";
import { createGateway, type Gateway } from "../../src/app.ts";
import { parseBridge } from "../../src/namespaces/load.ts";
import { TestClient } from "../gate-fixture.ts";

export const YAML = `
namespaces:
  /: { exchange: chat, anonymous: true, defaultTopics: ["#"], emit: { "chat message": { topic: general } } }
  /chat: { exchange: chat, anonymous: true, defaultTopics: ["#"], emit: { "chat message": { topic: general } } }
  /github: { exchange: github, anonymous: true, defaultTopics: ["#"], publish: [] }
`;

export interface RunningGateway {
  readonly gateway: Gateway;
  connect(namespace: string, auth?: object): TestClient;
  close(): Promise<void>;
}

export interface StartOptions {
  /** @default the test's own vhost */
  amqpUrl?: string;
  yaml?: string;
  logger?: Logger;
}

/** As the broker's `it`, with gateways in this process, on free ports, closed before the vhost is looked over. */
export const it = brokerIt.extend<{ start: (options?: StartOptions) => Promise<RunningGateway> }>({
  start: async ({ vhost }, use) => {
    const closers: (() => Promise<void>)[] = [];
    await use(async (options = {}) => {
      const running = build(options.amqpUrl ?? vhost.amqpUrl, options);
      closers.push(running.close);
      await running.gateway.start(new AbortController().signal);
      return running;
    });
    await Promise.all(closers.map((close) => close()));
  },
});

function build(amqpUrl: string, options: StartOptions): RunningGateway {
  const logger = options.logger ?? createLogger({ name: "gateway", level: "silent" });
  const bridge = parseBridge(options.yaml ?? YAML, "test.yaml");
  const gateway = createGateway(
    { amqpUrl, host: "127.0.0.1", port: 0, pageDir: "/nonexistent", closeTimeoutMs: 2_000, logLevel: "silent", bridge },
    { logger },
  );
  const clients: TestClient[] = [];
  let closed: Promise<void> | undefined;
  return {
    gateway,
    connect(namespace, auth = {}) {
      const url = `http://127.0.0.1:${gateway.port}`;
      const client = new TestClient(url + (namespace === "/" ? "" : namespace), auth, {});
      clients.push(client);
      return client;
    },
    close() {
      for (const client of clients) client.socket.disconnect();
      return (closed ??= gateway.close());
    },
  };
}
