import type { BrokerHandle } from "./broker.ts";

/** How many AMQP connections are open on the broker this instant; `undefined` when it does not tell. */
export async function openConnections(handle: BrokerHandle): Promise<number | undefined> {
  if (handle.metricsUrl === undefined) return undefined;
  try {
    const response = await fetch(handle.metricsUrl, {
      headers: { connection: "close" },
      signal: AbortSignal.timeout(2_000),
    });
    const count = /^rabbitmq_connections (\d+)/m.exec(await response.text())?.[1];
    return count === undefined ? undefined : Number(count);
  } catch {
    return undefined;
  }
}
