import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Vhost } from "@warren/broker";
import { it } from "@warren/broker/vitest";
import { afterAll, beforeAll, describe, expect } from "vitest";
import { run } from "../child.ts";
import { bindQueue, drain } from "./log-queue.ts";

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), "warren-replay-"))));
afterAll(() => rmSync(folder, { recursive: true }));

function file(name: string, lines: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line))).join("\n"));
  return path;
}

const replay = (vhost: Vhost, ...args: string[]) => run("cli.ts", ["replay", ...args], { AMQP_URL: vhost.amqpUrl });

const events = (count: number) => Array.from({ length: count }, (_, n) => ({ topic: `t.${n % 7}`, data: { n } }));

describe("warren-producer replay", () => {
  it("publishes each line, in order, and says how many were confirmed", async ({ vhost }) => {
    await vhost.createExchange("chat", "topic");
    const queue = await bindQueue(vhost, "chat");
    const child = replay(vhost, file("whole.jsonl", events(2_000)), "--exchange", "chat");
    expect(await child.exited).toBe(0);
    expect(child.stdout).toBe("2000 confirmed, 0 refused, 0 faulty\n");
    expect(child.stderr).toContain("replay 2000/2000 · 2000 confirmed");
    const messages = await drain(vhost, queue);
    expect(messages.map(({ body }) => body.toString())).toEqual(events(2_000).map(({ data }) => JSON.stringify(data)));
  });

  it("gives a line without an id the same id each time, and a line of another file another", async ({ vhost }) => {
    await vhost.createExchange("chat", "topic");
    const queue = await bindQueue(vhost, "chat");
    const ids = async (path: string) => {
      expect(await replay(vhost, path, "--exchange", "chat").exited).toBe(0);
      return (await drain(vhost, queue)).map(({ properties }) => properties.message_id!);
    };
    const path = file("ids.jsonl", [...events(3), { topic: "t", id: "own", data: 1 }]);
    const first = await ids(path);
    expect(new Set(first).size).toBe(4);
    expect(first[3]).toBe("own");
    expect(await ids(path)).toEqual(first);
    expect((await ids(file("other.jsonl", events(4))))[0]).not.toBe(first[0]);
  });

  it("reports each faulty and each refused line by its number, publishes the others, and exits with 1", async ({
    vhost,
  }) => {
    await vhost.createExchange("chat", "topic");
    await vhost.createExchange("unbound", "topic");
    const queue = await bindQueue(vhost, "chat");
    const path = file("faults.jsonl", [
      { topic: "a", data: 1 },
      "",
      "{ broken",
      { data: 1, color: "red" },
      { topic: "a", exchange: "unbound", data: 1 },
      { topic: "a", exchange: "missing", data: 1 },
      { topic: "a", data: 2 },
    ]);
    const child = replay(vhost, path, "--exchange", "chat");
    expect(await child.exited).toBe(1);
    expect(child.stdout).toBe("2 confirmed, 2 refused, 2 faulty\n");
    expect(child.stderr).toContain(`${path}:3: PAYLOAD_INVALID: The body is not JSON`);
    expect(child.stderr).toContain(`${path}:4: PAYLOAD_INVALID: topic: missing; color: unknown field.`);
    expect(child.stderr).toContain(`${path}:5: UNROUTABLE: `);
    expect(child.stderr).toContain(`${path}:6: BROKER_REFUSED: `);
    // A missing exchange costs the channel: what was under way on it is sent again, under the same id.
    const messages = await drain(vhost, queue);
    expect(new Set(messages.map(({ body }) => body.toString()))).toEqual(new Set(["1", "2"]));
    expect(new Set(messages.map(({ properties }) => properties.message_id)).size).toBe(2);
  });

  it("ends at an interrupt with what it confirmed, and can be run again", async ({ vhost }) => {
    await vhost.createExchange("chat", "topic");
    const queue = await bindQueue(vhost, "chat");
    const path = file("slow.jsonl", events(400));
    const child = replay(vhost, path, "--exchange", "chat", "--rate", "40");
    await child.said("replay 40/400");
    child.kill("SIGINT");
    expect(await child.exited).toBe(1);
    const confirmed = Number(/^(\d+) confirmed, 0 refused, 0 faulty\n/.exec(child.stdout)![1]);
    expect(child.stdout).toContain(`interrupted after line ${confirmed}: run it again`);
    expect(confirmed).toBeLessThan(400);
    const first = (await drain(vhost, queue)).map(({ properties }) => properties.message_id);
    expect(first).toHaveLength(confirmed);

    expect(await replay(vhost, path, "--exchange", "chat").exited).toBe(0);
    const again = (await drain(vhost, queue)).map(({ properties }) => properties.message_id);
    expect(again).toHaveLength(400);
    expect(again.slice(0, confirmed)).toEqual(first);
  });

  it("says in one sentence why it cannot begin", async ({ vhost }) => {
    const url = new URL(vhost.amqpUrl);
    url.password = "hunter2";
    const refused = run("cli.ts", ["replay", file("one.jsonl", events(1)), "--url", url.href]);
    expect(await refused.exited).toBe(1);
    expect(refused.stderr).toMatch(/^warren-producer: .*password.*\n$/);
    expect(refused.stderr).not.toContain("hunter2");
    const missing = replay(vhost, join(folder, "none.jsonl"));
    expect(await missing.exited).toBe(1);
    expect(missing.stderr).toMatch(/^warren-producer: .*none\.jsonl cannot be read/);
    const wrong = replay(vhost, file("one.jsonl", events(1)), "--rate", "0");
    expect(await wrong.exited).toBe(1);
    expect(wrong.stderr).toContain("expected a number above 0");
  });
});
