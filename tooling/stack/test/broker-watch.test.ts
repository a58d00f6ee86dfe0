import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { watchBroker } from "../src/broker-watch.ts";
import { freePort } from "./processes.ts";

const releases: (() => void)[] = [];
afterEach(() => {
  for (const release of releases.splice(0)) release();
});

async function listen(port: number, onConnection: (socket: Socket) => void = () => {}): Promise<Server> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    onConnection(socket);
  }).listen(port, "127.0.0.1");
  releases.push(() => server.close());
  await once(server, "listening");
  return server;
}

function watch(port: number, start: () => Promise<void>): string[] {
  const said: string[] = [];
  const watch = watchBroker({
    host: "127.0.0.1",
    port,
    start,
    say: (line) => said.push(line),
    intervalMs: 5,
    retryMs: 10,
  });
  releases.push(() => watch.close());
  return said;
}

test("a broker that nobody finds any more is started again, once", async () => {
  const port = await freePort();
  let looks = 0;
  const said = watch(port, async () => void (await listen(port, () => looks++)));
  await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(3);
  expect(said).toEqual(["ended; starting it again", "runs again"]);
});

test("a start that fails is told and tried again", async () => {
  const port = await freePort();
  let tries = 0;
  const said = watch(port, async () => {
    tries++;
    if (tries < 3) throw new Error("no memory");
    await listen(port);
  });
  await expect.poll(() => said.at(-1), { timeout: 10_000 }).toBe("runs again");
  expect(said.filter((line) => line === "could not be started: no memory").length).toBe(2);
});

test("a broker that listens is left alone", async () => {
  const port = await freePort();
  let looks = 0;
  await listen(port, () => looks++);
  const said = watch(port, () => Promise.reject(new Error("asked to start")));
  await expect.poll(() => looks, { timeout: 10_000 }).toBeGreaterThan(3);
  expect(said).toEqual([]);
});
