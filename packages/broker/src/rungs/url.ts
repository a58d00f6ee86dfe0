import { createBroker, credentialsOf } from "../attach.ts";
import type { Broker } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import type { Rung } from "../ladder.ts";
import { untilReady } from "../readiness.ts";

const MANAGEMENT_PORT = 15_672;
const READY_TIMEOUT_MS = 15_000;

/** A broker that runs already. */
export function urlRung(amqpUrl: string | undefined, managementUrl: string | undefined, signal?: AbortSignal): Rung {
  return {
    kind: "url",
    async probe() {
      if (!amqpUrl) return undefined;
      const { hostname, port } = parse("AMQP_URL", amqpUrl);
      const doing = `using the RabbitMQ at ${hostname}:${port || 5672}, as AMQP_URL says`;
      return { doing, acquire: async () => acquire(amqpUrl, managementUrl, signal) };
    },
  };
}

async function acquire(amqpUrl: string, givenManagementUrl: string | undefined, signal?: AbortSignal): Promise<Broker> {
  const { hostname, port } = parse("AMQP_URL", amqpUrl);
  const managementUrl = withoutCredentials(givenManagementUrl || `http://${hostname}:${MANAGEMENT_PORT}`);
  const { username, password } = credentialsOf(amqpUrl);
  const address = new URL(amqpUrl);
  address.username = username;
  address.password = password;
  const endpoints = { amqpUrl: address.href, managementUrl };
  const version = await untilReady(endpoints, { timeoutMs: READY_TIMEOUT_MS, signal });
  if (version === undefined) {
    const text =
      `the RabbitMQ at ${hostname}:${port || 5672} (AMQP_URL) does not answer, or not its management API at ${managementUrl}: ` +
      "start it, enable rabbitmq_management, and set WARREN_MANAGEMENT_URL if the API is elsewhere";
    throw new BrokerError("BROKER_UNREACHABLE", text);
  }
  const description = `RabbitMQ ${version} at ${hostname}:${port || 5672}`;
  return createBroker({ kind: "url", version, description, ...endpoints }, async () => {});
}

function withoutCredentials(text: string): string {
  const url = parse("WARREN_MANAGEMENT_URL", text);
  url.username = "";
  url.password = "";
  return url.href.replace(/\/$/, "");
}

function parse(variable: string, text: string): URL {
  if (!URL.canParse(text))
    throw new BrokerError("BROKER_UNREACHABLE", `${variable}: expected a URL, got ${JSON.stringify(text)}`);
  return new URL(text);
}
