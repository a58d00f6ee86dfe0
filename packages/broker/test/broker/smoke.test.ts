import { expect } from "vitest";

import { it } from "../../src/vitest.ts";

it("a message published through the management API reaches a bound queue", async ({ vhost }) => {
  await vhost.createExchange("events", "topic");
  await vhost.createQueue("all");
  await vhost.bind("events", "all", "#");
  expect(await vhost.publish("events", "a.b", "héllo", { message_id: "1" })).toEqual({ routed: true });
  const [message] = await vhost.get("all");
  expect(message).toMatchObject({ routingKey: "a.b", exchange: "events", properties: { message_id: "1" } });
  expect(message?.body.toString()).toBe("héllo");
});
