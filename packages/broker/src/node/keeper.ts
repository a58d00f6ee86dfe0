/**
 * The keeper of one private node, a process of its own. It makes the node's folders, starts the node, takes commands on a
 * socket, and leaves when its standard input ends, which is when the process that started it is gone, however it went. Leaving
 * it ends the node and deletes the folder of the run; data go with it unless they are kept.
 *
 *   starting ──ready──▶ keeping ──"release", end of input or a signal──▶ leaving ──▶ exit
 *      └──────failed, end of input or a signal────────────────────────────▲
 *
 * The first line of its input is a KeeperOrder, the first line of its output a KeeperReport.
 */
import { mkdirSync, rmSync } from "node:fs";
import { createServer, type Socket } from "node:net";
import { createInterface } from "node:readline";

import { BrokerError } from "../errors.ts";
import type { Command, Reply } from "./control.ts";
import { claimDataFolder, releaseDataFolder } from "./data-folder.ts";
import { controlSocket, type KeeperOrder, type KeeperReport } from "./keeper-order.ts";
import { writeConfiguration } from "./node-spec.ts";
import { createPrivateNode } from "./private-node.ts";

const input = createInterface({ input: process.stdin });
const nothingBegan = () => process.exit(0);
input.once("close", nothingBegan);
input.once("line", (line) => {
  input.off("close", nothingBegan);
  void keep(JSON.parse(line) as KeeperOrder);
});
// The process that reads the report may be gone.
process.stdout.on("error", () => {});

async function keep({ spec, keepData }: KeeperOrder): Promise<void> {
  const node = createPrivateNode(spec);
  const control = controlSocket(spec.runDir);
  const server = createServer({ allowHalfOpen: true }, serve);
  let claimed = false;
  let leaving: Promise<void> | undefined;
  // Starting and stopping take turns, whoever asks.
  let turn: Promise<unknown> = Promise.resolve();
  const inTurn = async <T>(work: () => Promise<T>): Promise<T> => {
    const result = turn.then(work);
    turn = result.catch(() => {});
    return result;
  };

  async function leave(): Promise<void> {
    leaving ??= (async () => {
      await node.end({ abrupt: !keepData });
      // A start that was under way has by now failed, or has brought up a node that is to end as well.
      await turn;
      await node.end({ abrupt: !keepData });
      if (claimed) releaseDataFolder(spec.dataDir);
      rmSync(spec.runDir, { recursive: true, force: true, maxRetries: 5 });
    })();
    await leaving;
  }
  const leaveAndExit = () => void leave().finally(() => process.exit(0));
  input.once("close", leaveAndExit);
  for (const name of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(name, leaveAndExit);

  function serve(socket: Socket): void {
    socket.on("error", () => {});
    createInterface({ input: socket }).once("line", (line) => void answer(socket, JSON.parse(line) as Command));
  }

  async function answer(socket: Socket, message: Command): Promise<void> {
    const reply = await obey(message).catch((error: unknown): Reply => ({
      ok: false,
      message: error instanceof Error ? error.message : String(error),
    }));
    socket.end(JSON.stringify(reply) + "\n", () => {
      if (message.do === "release") process.exit(0);
    });
  }

  async function obey(message: Command): Promise<Reply> {
    if (message.do === "status") return { ok: true, leaving: leaving !== undefined };
    if (message.do === "release") await leave();
    else if (leaving !== undefined) throw new Error("the private node is being ended");
    if (message.do === "start") await inTurn(() => node.start());
    if (message.do === "stop") await inTurn(() => node.stop({ abrupt: message.abrupt }));
    if (message.do === "freeze") node.freeze();
    if (message.do === "thaw") node.thaw();
    return { ok: true, ...(message.do === "ctl" && { output: await node.ctl(message.args) }) };
  }

  async function begin(): Promise<KeeperReport> {
    try {
      mkdirSync(spec.runDir, { mode: 0o700 });
      await new Promise<void>((resolve, reject) => server.once("error", reject).listen(control, resolve));
      if (keepData) await claimDataFolder(spec.dataDir, control);
      claimed = keepData;
      writeConfiguration(spec);
      return { ok: true, version: await inTurn(() => node.start()) };
    } catch (error) {
      const code = error instanceof BrokerError ? error.code : "BROKER_START_FAILED";
      return { ok: false, code, message: error instanceof Error ? error.message : String(error) };
    }
  }

  const report = await begin();
  process.stdout.write(JSON.stringify(report) + "\n");
  if (!report.ok) leaveAndExit();
}
