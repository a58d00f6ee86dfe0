import { createConnection, createConsumer, createPublisher, declareTopology } from "@warren/amqp";
import { it } from "@warren/broker/vitest";
import { compilePatterns, patternFault } from "@warren/events";
import fc from "fast-check";
import { expect } from "vitest";

const word = fc.constantFrom("a", "b", "ab", "é", "", "#a", "a*");
const topicOf = fc.array(word, { minLength: 1, maxLength: 5 }).map((words) => words.join("."));
const patternOf = fc
  .array(fc.constantFrom("a", "b", "ab", "é", "", "*", "#"), { minLength: 1, maxLength: 5 })
  .map((words) => words.join("."))
  // RabbitMQ 4.3 refuses to bind a key with more than two of them.
  .filter((pattern) => patternFault(pattern) === undefined && pattern.split("#").length <= 3);

it("patterns match in the gateway exactly what RabbitMQ routes by the same bindings", async ({ vhost }) => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  console.info(`seed ${seed}`);
  const patterns = [...new Set(fc.sample(patternOf, { seed, numRuns: 120 }))];
  const topics = [...new Set(fc.sample(topicOf, { seed, numRuns: 300 }))];

  const connection = createConnection({ url: vhost.amqpUrl, name: "patterns" });
  await connection.opened();
  await declareTopology(connection, {
    exchanges: [{ name: "topics", type: "topic", declare: true }],
    queues: [
      { queueType: "classic", name: "end" },
      ...patterns.map((_, index) => ({ queueType: "classic" as const, name: `q${index}` })),
    ],
    bindings: patterns.map((pattern, index) => ({ exchange: "topics", queue: `q${index}`, pattern })),
  });
  const publisher = createPublisher(connection);
  await Promise.all(
    topics.map((topic) =>
      publisher.publish({
        exchange: "topics",
        routingKey: topic,
        body: Buffer.from(topic),
        id: topic || "-",
        mandatory: false,
      }),
    ),
  );
  // A confirm means that every queue has its copy, so a marker behind them shows when a queue was read to its end.
  const routed = await Promise.all(
    patterns.map(async (_, index) => {
      await publisher.publish({
        exchange: "",
        routingKey: `q${index}`,
        body: Buffer.from("end of queue"),
        id: `end ${index}`,
      });
      const found: string[] = [];
      const done = Promise.withResolvers<void>();
      const consumer = createConsumer(connection, {
        queue: `q${index}`,
        prefetch: 100,
        onDeliveries(deliveries) {
          for (const delivery of deliveries) {
            if (delivery.body.toString() === "end of queue") done.resolve();
            else found.push(delivery.body.toString());
            delivery.ack();
          }
        },
      });
      await done.promise;
      await consumer.close();
      return found.sort();
    }),
  );
  await publisher.close();
  await connection.close();
  for (const [index, pattern] of patterns.entries()) {
    const matches = compilePatterns([pattern]);
    expect(routed[index], `pattern "${pattern}", seed ${seed}`).toEqual(
      topics.filter((topic) => matches(topic)).sort(),
    );
  }
});
