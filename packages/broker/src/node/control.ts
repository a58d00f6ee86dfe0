import { connect } from "node:net";

import { BrokerError } from "../errors.ts";

/** What a node's keeper takes on its socket: one JSON line per connection, answered by one. */
export type Command =
  | { do: "status" }
  | { do: "start" }
  | { do: "stop"; abrupt: boolean }
  | { do: "freeze" }
  | { do: "thaw" }
  | { do: "ctl"; args: readonly string[] }
  | { do: "release" };

type Done = { ok: true; output?: string; leaving?: boolean };
export type Reply = Done | { ok: false; message: string };

/** @throws BrokerError `BROKER_UNREACHABLE` when no keeper answers, `BROKER_START_FAILED` when it could not do it */
export async function command(control: string, message: Command): Promise<Done> {
  const reply = JSON.parse(await exchange(control, JSON.stringify(message) + "\n")) as Reply;
  if (!reply.ok) throw new BrokerError("BROKER_START_FAILED", reply.message);
  return reply;
}

async function exchange(control: string, line: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(control);
    let text = "";
    socket.setEncoding("utf8");
    socket.once("connect", () => socket.write(line));
    socket.on("data", (chunk: string) => (text += chunk));
    const failed = (cause?: unknown) =>
      reject(new BrokerError("BROKER_UNREACHABLE", `the private node of ${control} is gone`, { cause }));
    socket.once("error", failed);
    socket.once("close", () => (text === "" ? failed() : resolve(text)));
  });
}
