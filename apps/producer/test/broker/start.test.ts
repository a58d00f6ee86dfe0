import { once } from "node:events";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { it } from "@warren/broker/vitest";
import { describe, expect } from "vitest";
import { run } from "../child.ts";
import { freePort } from "../free-port.ts";
import { postEvent, startProducer } from "../running-producer.ts";
import { bindQueue, drain } from "./log-queue.ts";

describe("starting", () => {
  it("says which exchange is another one on the broker, and what to do", async ({ vhost }) => {
    await vhost.createExchange("chat", "fanout");
    await expect(startProducer({ amqpUrl: vhost.amqpUrl })).rejects.toThrow(/^PRODUCER_EXCHANGES: .*"chat"/);
  });

  it("says that the broker refuses the password, without showing it", async ({ vhost }) => {
    const url = new URL(vhost.amqpUrl);
    url.password = "hunter2";
    const child = run("main.ts", [], {
      AMQP_URL: url.href,
      GITHUB_WEBHOOK_SECRET: "s",
      PRODUCER_PORT: `${await freePort()}`,
    });
    expect(await child.exited).toBe(1);
    expect(child.stderr).toMatch(/^producer: AMQP_URL: .*password.*\n$/);
    expect(child.stdout + child.stderr).not.toContain("hunter2");
  });

  it("says that its port is taken", async ({ vhost }) => {
    await using other = await startProducer({ amqpUrl: vhost.amqpUrl });
    const { port } = new URL(other.url);
    const child = run("main.ts", [], { AMQP_URL: vhost.amqpUrl, GITHUB_WEBHOOK_SECRET: "s", PRODUCER_PORT: port });
    expect(await child.exited).toBe(1);
    expect(child.stderr).toBe(
      `producer: PRODUCER_PORT: port ${port} is taken by another process; stop it, or set PRODUCER_PORT to a free port\n`,
    );
  });

  it("says every fault of its environment before it listens", async ({ vhost }) => {
    const child = run("main.ts", [], { AMQP_URL: vhost.amqpUrl, PRODUCER_PORT: "many" });
    expect(await child.exited).toBe(1);
    expect(child.stderr).toBe(
      'producer: PRODUCER_PORT: expected 1-65535, got "many"\nproducer: GITHUB_WEBHOOK_SECRET: missing\n',
    );
    expect(child.stdout).toBe("");
  });
});

describe("stopping", () => {
  it("finishes the request that is under way, and exits with 0", async ({ vhost }) => {
    const port = await freePort();
    const child = run("main.ts", [], { AMQP_URL: vhost.amqpUrl, GITHUB_WEBHOOK_SECRET: "s", PRODUCER_PORT: `${port}` });
    await child.said('"msg":"ready"');
    const queue = await bindQueue(vhost, "chat");
    const body = '{"topic":"a","id":"last","data":1}';
    const socket = connect(port, "127.0.0.1");
    // The server answers 100 when it has taken the request; its body follows only after the signal.
    socket.write(`POST /events/chat HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\nconnection: close\r\n`);
    socket.write(`content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`);
    await once(socket, "data");
    child.kill("SIGTERM");
    await child.said("draining");
    const answer = text(socket);
    socket.write(body);
    expect(await answer).toMatch(/^HTTP\/1\.1 202 /);
    expect(await child.exited).toBe(0);
    expect((await drain(vhost, queue)).map(({ properties }) => properties.message_id)).toEqual(["last"]);
  });
});

describe("memory", () => {
  it("of request bodies is bounded: what would be over it is answered with 503, and taken later", async ({ vhost }) => {
    await using producer = await startProducer({ amqpUrl: vhost.amqpUrl }, { totalBytes: 1_000 });
    await bindQueue(vhost, "chat");
    const holder = connect(Number(new URL(producer.url).port), "127.0.0.1");
    holder.write("POST /events/chat HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-length: 990\r\n\r\n");
    await once(holder, "data");
    const event = { topic: "a", data: 1 };
    const refused = await postEvent(producer, "chat", event);
    expect([refused.status, refused.body.error?.code]).toEqual([503, "BUFFER_FULL"]);
    holder.destroy();
    await expect.poll(async () => (await postEvent(producer, "chat", event)).status).toBe(202);
  });
});
