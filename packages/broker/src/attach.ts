import type { Broker, BrokerHandle } from "./broker.ts";
import { createConnectionSource, createFaults, createPower } from "./faults.ts";
import { createManagement } from "./management.ts";
import { createVhost } from "./vhost.ts";

/**
 * A broker that another process acquired. It can do all of it, faults included, but releases nothing: that is for the process
 * that acquired it.
 */
export function attachBroker(handle: BrokerHandle): Broker {
  return createBroker(handle, async () => {});
}

export function createBroker(handle: BrokerHandle, release: () => Promise<void>): Broker {
  const { username, password } = credentialsOf(handle.amqpUrl);
  const management = createManagement({ url: handle.managementUrl, username, password });
  const power = createPower(handle);
  const source = createConnectionSource(handle, power, management);
  let released: Promise<void> | undefined;
  return {
    kind: handle.kind,
    version: handle.version,
    description: handle.description,
    amqpUrl: handle.amqpUrl,
    managementUrl: handle.managementUrl,
    username,
    password,
    faults: createFaults(power, source, management),
    createVhost: async (hint = "test") => createVhost({ management, source, amqpUrl: handle.amqpUrl, username }, hint),
    toJSON: () => handle,
    release: async () => (released ??= release()),
  };
}

export function credentialsOf(amqpUrl: string): { username: string; password: string } {
  const { username, password } = new URL(amqpUrl);
  return { username: decodeURIComponent(username) || "guest", password: decodeURIComponent(password) || "guest" };
}
