import { spawn, type ChildProcess } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

import { onTestFinished } from "vitest";

import type { BrokerHandle } from "../src/index.ts";

const main = fileURLToPath(new URL("../src/main.ts", import.meta.url));

/** A process of its own that has acquired a broker. It is killed after the test, if it still runs. */
export async function startOwner(env: NodeJS.ProcessEnv): Promise<{ owner: ChildProcess; handle: BrokerHandle }> {
  const owner = spawn(process.execPath, ["--conditions=@warren/source", main], {
    env,
    stdio: ["ignore", "pipe", "inherit"],
  });
  onTestFinished(() => void owner.kill("SIGKILL"));
  for await (const line of createInterface({ input: owner.stdout })) {
    const text = /^WARREN_TEST_BROKER='(.*)'$/.exec(line)?.[1];
    if (text !== undefined) return { owner, handle: JSON.parse(text) as BrokerHandle };
  }
  throw new Error("the owner ended without a broker");
}

/** Takes one message of a vhost that an earlier run of the broker made. */
export async function takeFrom(
  broker: { managementUrl: string; username: string; password: string },
  vhost: string,
  queue: string,
) {
  const response = await fetch(`${broker.managementUrl}/api/queues/${encodeURIComponent(vhost)}/${queue}/get`, {
    method: "POST",
    headers: { authorization: `Basic ${btoa(`${broker.username}:${broker.password}`)}` },
    body: JSON.stringify({ count: 1, ackmode: "ack_requeue_false", encoding: "auto" }),
  });
  return response.json();
}
