/**
 * The keeper of one container, a process of its own: removes the container when its standard input ends, which is when the
 * process that started it is gone, however it went. (Ryuk does that too, but is a container itself and may be switched off.)
 */
import { createInterface } from "node:readline";

import { poll } from "../poll.ts";
import { engineRequest } from "./engine.ts";
import type { ContainerOrder } from "./keeper-order.ts";

/** How long, in milliseconds, a container that was being made when its owner went may take to appear. */
const APPEARS_WITHIN_MS = 30_000;
const STOP_GRACE_SECONDS = 10;

const lines: string[] = [];
for await (const line of createInterface({ input: process.stdin })) lines.push(line);
const [order, started] = lines;
if (order !== undefined) await remove(JSON.parse(order) as ContainerOrder, started !== undefined);

async function remove({ engine, container, keepData }: ContainerOrder, started: boolean): Promise<void> {
  if (keepData && started) {
    // A paused container takes no signal.
    await engineRequest(engine, "POST", `/containers/${container}/unpause`).catch(() => {});
    await engineRequest(engine, "POST", `/containers/${container}/stop?t=${STOP_GRACE_SECONDS}`).catch(() => {});
  }
  const removed = async () => {
    const answer = await engineRequest(engine, "DELETE", `/containers/${container}?force=1&v=1`).catch(() => undefined);
    const gone = answer !== undefined && (answer.status < 300 || (started && answer.status === 404));
    return gone ? true : undefined;
  };
  await poll(removed, { timeoutMs: APPEARS_WITHIN_MS, everyMs: 250 });
}
