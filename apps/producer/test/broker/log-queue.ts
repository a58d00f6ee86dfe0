import type { TakenMessage, Vhost } from "@warren/broker";

/** Stands for whatever wants the events: a durable queue that is bound to an exchange of the producer's. */
export async function bindQueue(
  vhost: Vhost,
  exchange: string,
  options: { arguments?: Record<string, unknown> } = {},
): Promise<string> {
  const queue = `${exchange}.all`;
  await vhost.createQueue(queue, options);
  await vhost.bind(exchange, queue, "#");
  return queue;
}

/** Takes everything out of a queue, in order. */
export async function drain(vhost: Vhost, queue: string): Promise<TakenMessage[]> {
  const all: TakenMessage[] = [];
  for (;;) {
    const some = await vhost.get(queue, 500);
    if (some.length === 0) return all;
    all.push(...some);
  }
}
