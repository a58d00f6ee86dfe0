import { connect } from "node:net";

import { createManagement } from "./management.ts";
import { poll } from "./poll.ts";

export interface Endpoints {
  amqpUrl: string;
  managementUrl: string;
}

/**
 * Waits until AMQP answers its handshake and the management API tells the version.
 *
 * @returns RabbitMQ's version; `undefined` after `timeoutMs` milliseconds
 */
export async function untilReady(
  endpoints: Endpoints,
  options: { timeoutMs: number; signal?: AbortSignal | undefined },
): Promise<string | undefined> {
  const { hostname, port, username, password } = new URL(endpoints.amqpUrl);
  const management = createManagement({
    url: endpoints.managementUrl,
    username: decodeURIComponent(username),
    password: decodeURIComponent(password),
    warmUpMs: 0,
  });
  return poll(
    async () => {
      if (!(await speaksAmqp(hostname.replaceAll(/[[\]]/g, ""), Number(port || 5672)))) return undefined;
      const overview = await management.get<{ rabbitmq_version: string }>("/api/overview").catch(() => undefined);
      return overview?.rabbitmq_version;
    },
    { timeoutMs: options.timeoutMs, signal: options.signal },
  );
}

/** Whether the port answers AMQP's protocol header. A connect alone proves nothing: a container's port proxy always accepts. */
async function speaksAmqp(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: 1_000 });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => socket.write(Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1])));
    socket.once("data", () => done(true));
    socket.once("timeout", () => done(false));
    socket.once("error", () => done(false));
    socket.once("close", () => done(false));
  });
}
