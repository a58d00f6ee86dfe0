import type { BrokerHandle } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import type { Power } from "../faults.ts";
import { BEFORE_KILL, BEFORE_STOP } from "../orderly.ts";
import { untilReady } from "../readiness.ts";
import { engineRequest } from "./engine.ts";

const START_TIMEOUT_MS = 120_000;
const STOP_GRACE_SECONDS = 20;

/** All through the engine's API, with the container's name: its ports were fixed when it was made, so a restart keeps them. */
export function createContainerPower(handle: Extract<BrokerHandle, { kind: "container" }>): Power {
  const { engine, container } = handle;

  async function post(what: string, body?: unknown): Promise<{ status: number; body: Buffer }> {
    const answer = await engineRequest(engine, "POST", `/containers/${container}/${what}`, { body });
    if (answer.status >= 400 && answer.status !== 409) {
      throw new BrokerError(
        "BROKER_UNREACHABLE",
        `container ${container}: ${what} was answered ${answer.status} ${answer.body.toString().trim()}`,
      );
    }
    return answer;
  }

  async function state(): Promise<{ Running: boolean; Paused: boolean }> {
    const answer = await engineRequest(engine, "GET", `/containers/${container}/json`);
    if (answer.status !== 200) throw new BrokerError("BROKER_UNREACHABLE", `container ${container} is gone`);
    return (JSON.parse(answer.body.toString()) as { State: { Running: boolean; Paused: boolean } }).State;
  }

  const power: Power = {
    async stop(abrupt) {
      const { Running: running, Paused: paused } = await state();
      if (!running) return;
      if (!paused) await power.ctl(["eval", abrupt ? BEFORE_KILL : BEFORE_STOP]).catch(() => {});
      if (paused && !abrupt) await post("unpause");
      await post(abrupt ? "kill" : `stop?t=${STOP_GRACE_SECONDS}`);
      await engineRequest(engine, "POST", `/containers/${container}/wait`);
    },
    async start() {
      await post("start");
      const until = performance.now() + START_TIMEOUT_MS;
      while (performance.now() < until) {
        if ((await untilReady(handle, { timeoutMs: 1_000 })) !== undefined) return;
        if (!(await state()).Running) break;
      }
      throw new BrokerError(
        "BROKER_START_FAILED",
        `container ${container} was started, but its broker does not answer`,
      );
    },
    async freeze() {
      if (!(await state()).Paused) await post("pause");
    },
    async thaw() {
      if ((await state()).Paused) await post("unpause");
    },
    async ctl(args) {
      const exec = await post("exec", {
        Cmd: ["rabbitmqctl", "--quiet", ...args],
        AttachStdout: true,
        AttachStderr: true,
      });
      const { Id: id } = JSON.parse(exec.body.toString()) as { Id: string };
      const ran = await engineRequest(engine, "POST", `/exec/${id}/start`, { body: { Detach: false, Tty: false } });
      const { stdout, stderr } = demultiplex(ran.body);
      const inspected = await engineRequest(engine, "GET", `/exec/${id}/json`);
      const { ExitCode: exitCode } = JSON.parse(inspected.body.toString()) as { ExitCode: number };
      if (exitCode !== 0)
        throw new BrokerError("BROKER_UNREACHABLE", `rabbitmqctl ${args.join(" ")}: ${(stderr || stdout).trim()}`);
      return stdout;
    },
  };
  return power;
}

/** The engine sends both streams of an exec in frames: stream (1 byte), three zeros, length (4 bytes), data. */
function demultiplex(frames: Buffer): { stdout: string; stderr: string } {
  const streams: Buffer[][] = [[], [], []];
  for (let at = 0; at + 8 <= frames.length;) {
    const length = frames.readUInt32BE(at + 4);
    streams[frames.readUInt8(at)]?.push(frames.subarray(at + 8, at + 8 + length));
    at += 8 + length;
  }
  const [, stdout = [], stderr = []] = streams;
  return { stdout: Buffer.concat(stdout).toString(), stderr: Buffer.concat(stderr).toString() };
}
