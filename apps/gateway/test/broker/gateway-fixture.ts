import { createLogger, type Logger } from "@warren/service";
import { onTestFinished } from "vitest";
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
  readonly url: string;
  connect(namespace: string, auth?: object): TestClient;
  close(): Promise<void>;
}

/** A gateway in this process, on a free port. Closed when the test ends. */
export async function startGateway(options: {
  amqpUrl: string;
  yaml?: string;
  logger?: Logger;
  signal?: AbortSignal;
}): Promise<RunningGateway> {
  const logger = options.logger ?? createLogger({ name: "gateway", level: "silent" });
  const bridge = parseBridge(options.yaml ?? YAML, "test.yaml");
  const gateway = createGateway(
    {
      amqpUrl: options.amqpUrl,
      host: "127.0.0.1",
      port: 0,
      pageDir: "/nonexistent",
      closeTimeoutMs: 2_000,
      logLevel: "silent",
      bridge,
    },
    { logger },
  );
  const clients: TestClient[] = [];
  let closed: Promise<void> | undefined;
  const close = () => {
    for (const client of clients) client.socket.disconnect();
    return (closed ??= gateway.close());
  };
  onTestFinished(close);
  await gateway.start(options.signal ?? new AbortController().signal);
  const url = `http://127.0.0.1:${gateway.port}`;
  return {
    gateway,
    url,
    close,
    connect(namespace, auth = {}) {
      const client = new TestClient(url + (namespace === "/" ? "" : namespace), auth, {});
      clients.push(client);
      return client;
    },
  };
}
