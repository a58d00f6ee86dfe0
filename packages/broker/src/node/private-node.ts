import { execFile, spawn, type ChildProcess } from "node:child_process";
import { closeSync, openSync, readFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { promisify } from "node:util";

import { BrokerError } from "../errors.ts";
import { BEFORE_KILL, BEFORE_STOP } from "../orderly.ts";
import { poll } from "../poll.ts";
import { untilReady } from "../readiness.ts";
import { endpointsOf, nodeEnvironment, type NodeSpec } from "./node-spec.ts";
import { end, isAlive, signal } from "./processes.ts";

export interface PrivateNode {
  /** @returns RabbitMQ's version */
  start(): Promise<string>;
  stop(options: { abrupt: boolean }): Promise<void>;
  freeze(): void;
  thaw(): void;
  /** Runs rabbitmqctl on the node. @returns what it printed */
  ctl(args: readonly string[]): Promise<string>;
  /** Ends the node and its port mapper. */
  end(options: { abrupt: boolean }): Promise<void>;
}

const START_TIMEOUT_MS = 90_000;
const STOP_GRACE_MS = 15_000;
const CTL_TIMEOUT_MS = 15_000;

/** The processes of one node: its Erlang machine and an epmd of its own. */
export function createPrivateNode(spec: NodeSpec): PrivateNode {
  const env = nodeEnvironment(spec);
  const output = join(spec.dataDir, "log", "output.log");
  let epmd: ChildProcess | undefined;
  let server: ChildProcess | undefined;
  let frozen = false;
  let over = false;

  const running = () => (server?.pid !== undefined && isAlive(server.pid) ? server.pid : undefined);

  async function ensureEpmd(): Promise<void> {
    if (epmd?.pid !== undefined && isAlive(epmd.pid)) return;
    const args = ["-address", "127.0.0.1", "-port", String(spec.ports.epmd)];
    epmd = spawn(spec.programs.epmd, args, { env, cwd: spec.runDir, stdio: "ignore" });
    epmd.on("error", () => {});
    if (!(await poll(() => accepts(spec.ports.epmd), { timeoutMs: 5_000, everyMs: 10 }))) {
      throw new BrokerError("BROKER_START_FAILED", `${spec.programs.epmd} did not come up on port ${spec.ports.epmd}`);
    }
  }

  return {
    async start() {
      const endpoints = endpointsOf(spec);
      if (running() === undefined) {
        await ensureEpmd();
        if (over) throw new BrokerError("BROKER_START_FAILED", "the private node is being ended");
        const log = openSync(output, "a");
        // A session of its own: a Ctrl-C at the terminal is not for the node.
        const child = spawn(spec.programs.server, {
          env,
          cwd: spec.runDir,
          detached: true,
          stdio: ["ignore", log, log],
        });
        closeSync(log);
        child.on("error", () => {});
        server = child;
        frozen = false;
      }
      const child = server;
      const gaveUp = new AbortController();
      child?.once("exit", () => gaveUp.abort());
      const version = await untilReady(endpoints, { timeoutMs: START_TIMEOUT_MS, signal: gaveUp.signal }).catch(
        () => undefined,
      );
      if (version === undefined)
        throw new BrokerError("BROKER_START_FAILED", `the private node did not start: ${lastLines(output)}`);
      return version;
    },
    async stop({ abrupt }) {
      const pid = running();
      if (pid === undefined) return;
      if (!abrupt) this.thaw();
      if (!frozen) await this.ctl(["eval", abrupt ? BEFORE_KILL : BEFORE_STOP]).catch(() => {});
      await endServer(pid, abrupt);
    },
    freeze() {
      const pid = running();
      if (pid === undefined) return;
      signal(pid, "SIGSTOP");
      frozen = true;
    },
    thaw() {
      const pid = running();
      if (pid !== undefined) signal(pid, "SIGCONT");
      frozen = false;
    },
    async ctl(args) {
      const { stdout } = await promisify(execFile)(spec.programs.ctl, ["--quiet", ...args], {
        env,
        cwd: spec.runDir,
        timeout: CTL_TIMEOUT_MS,
      });
      return stdout;
    },
    async end({ abrupt }) {
      over = true;
      const pid = running();
      if (abrupt && pid !== undefined) await endServer(pid, true);
      await this.stop({ abrupt });
      if (epmd?.pid !== undefined) await end(epmd.pid, { signal: "SIGKILL", graceMs: 1_000 });
    },
  };
}

async function endServer(pid: number, abrupt: boolean): Promise<void> {
  await end(pid, { signal: abrupt ? "SIGKILL" : "SIGTERM", graceMs: STOP_GRACE_MS });
}

async function accepts(port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const done = (answer?: true) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("connect", () => done(true));
    socket.once("error", () => done());
  });
}

function lastLines(file: string): string {
  try {
    return readFileSync(file, "utf8").trim().split("\n").slice(-12).join("\n") || `${file} is empty`;
  } catch {
    return `${file} was not written`;
  }
}
