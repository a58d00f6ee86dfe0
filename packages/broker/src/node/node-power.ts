import type { Power } from "../faults.ts";
import { command } from "./control.ts";

/** All through the keeper, so that what another process starts ends with the owner as well. */
export function createNodePower(control: string): Power {
  return {
    async stop(abrupt) {
      await command(control, { do: "stop", abrupt });
    },
    async start() {
      await command(control, { do: "start" });
    },
    async freeze() {
      await command(control, { do: "freeze" });
    },
    async thaw() {
      await command(control, { do: "thaw" });
    },
    ctl: async (args) => (await command(control, { do: "ctl", args })).output ?? "",
  };
}
