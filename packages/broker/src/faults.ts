import type { BrokerFaults, BrokerHandle } from "./broker.ts";
import { createCtlSource, createManagementSource, type ConnectionSource, type Ctl } from "./connections.ts";
import { createContainerPower } from "./container/container-power.ts";
import { FaultUnavailable } from "./errors.ts";
import type { Management } from "./management.ts";
import { openConnections } from "./metrics.ts";
import { MEMORY_WATERMARK } from "./node/node-spec.ts";
import { createNodePower } from "./node/node-power.ts";
import { poll } from "./poll.ts";

/** What a kind of broker that is ours can do to its process. */
export interface Power {
  stop(abrupt: boolean): Promise<void>;
  start(): Promise<void>;
  freeze(): Promise<void>;
  thaw(): Promise<void>;
  ctl: Ctl;
}

const ALARM_TIMEOUT_MS = 15_000;

export function createPower(handle: BrokerHandle): Power | undefined {
  if (handle.kind === "node") return createNodePower(handle.control);
  if (handle.kind === "container") return createContainerPower(handle);
  return undefined;
}

export function createConnectionSource(
  handle: BrokerHandle,
  power: Power | undefined,
  management: Management,
): ConnectionSource {
  return power === undefined
    ? createManagementSource(management)
    : createCtlSource(power.ctl, async () => openConnections(handle));
}

export function createFaults(power: Power | undefined, source: ConnectionSource, management: Management): BrokerFaults {
  const ours = (fault: string): Power => {
    if (power === undefined)
      throw new FaultUnavailable(fault, "the broker was given as AMQP_URL and is not ours to disturb");
    return power;
  };
  async function untilMemoryAlarm(expected: boolean): Promise<void> {
    const ask = async () => {
      const { status } = (await management.get<{ status: string }>("/api/health/checks/local-alarms")) ?? {};
      return (status === "failed") === expected ? true : undefined;
    };
    if (!(await poll(ask, { timeoutMs: ALARM_TIMEOUT_MS })))
      throw new Error(`the memory alarm is not ${expected ? "raised" : "cleared"}`);
  }

  return {
    async stop(options = {}) {
      await ours("stop").stop(options.abrupt ?? false);
    },
    async start() {
      await ours("start").start();
    },
    async freeze() {
      await ours("freeze").freeze();
    },
    async thaw() {
      await ours("thaw").thaw();
    },
    async raiseMemoryAlarm() {
      await ours("raiseMemoryAlarm").ctl(["set_vm_memory_high_watermark", "absolute", "1"]);
      await untilMemoryAlarm(true);
    },
    async clearMemoryAlarm() {
      await ours("clearMemoryAlarm").ctl(["set_vm_memory_high_watermark", MEMORY_WATERMARK]);
      await untilMemoryAlarm(false);
    },
    closeAllConnections: async () => source.close({}),
  };
}
