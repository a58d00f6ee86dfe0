import { expect, test } from "vitest";
import type { StackConfig } from "../src/config.ts";
import { whatToOpen } from "../src/ready-message.ts";
import type { StackBroker } from "../src/stack.ts";
import type { Terminal } from "../src/terminal.ts";

const terminal: Terminal = { say() {}, tell() {}, paint: (_colour, text) => text };

const config: StackConfig = {
  root: "/",
  apps: [
    { name: "gateway", portVariable: "GATEWAY_PORT", port: 3000 },
    { name: "producer", portVariable: "PRODUCER_PORT", port: 3001 },
  ],
  environment: {},
  webhookSecret: "warren-demo",
  webhookSecretIsDefault: true,
};

const broker = (kind: StackBroker["kind"]): StackBroker => ({
  kind,
  amqpUrl: "amqp://rabbit:hole@127.0.0.1:5672",
  managementUrl: "http://127.0.0.1:15672",
  username: "rabbit",
  password: "hole",
  faults: { start: () => Promise.resolve() },
  release: () => Promise.resolve(),
});

test("what to open is named with its address, the management UI with its credentials", () => {
  const text = whatToOpen(config, broker("node"), terminal, 6_240);
  expect(text).toMatch(/^ready after 6\.2 s$/m);
  expect(text).toMatch(/^ {2}page +http:\/\/localhost:3000\/$/m);
  expect(text).toMatch(/^ {2}webhooks +http:\/\/localhost:3001\/webhooks\/github .*GITHUB_WEBHOOK_SECRET=warren-demo/m);
  expect(text).toMatch(/^ {2}RabbitMQ +http:\/\/127\.0\.0\.1:15672 {2}\(user rabbit, password hole\)$/m);
});

test("neither the user's secret nor the credentials of the user's broker are shown", () => {
  const own = { ...config, webhookSecret: "s3cret", webhookSecretIsDefault: false };
  expect(whatToOpen(own, broker("url"), terminal, 1)).not.toMatch(/s3cret|hole/);
});
