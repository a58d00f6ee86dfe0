import { workerData } from "node:worker_threads";
import { createConnection, createPublisher } from "@warren/amqp";

/** What the thread is told: publishes `messages` ids `flood-0` and so on, then sets `done` to 1. */
export interface FloodOrder {
  readonly url: string;
  readonly exchange: string;
  readonly messages: number;
  readonly done: SharedArrayBuffer;
}

const { url, exchange, messages, done } = workerData as FloodOrder;
const connection = createConnection({ url, name: "event-log flood" });
await connection.opened();
const publisher = createPublisher(connection);
const body = Buffer.alloc(200);
for (let sent = 0; sent < messages;) {
  // Small rounds make small chunks, so that segments end where they are to.
  const round = Math.min(100, messages - sent);
  const publishing = Array.from({ length: round }, (_, index) =>
    publisher.publish({ exchange, routingKey: "flood", id: `flood-${sent + index}`, body }),
  );
  await Promise.all(publishing);
  sent += round;
}
await publisher.close();
await connection.close();
const flag = new Int32Array(done);
Atomics.store(flag, 0, 1);
Atomics.notify(flag, 0);
