import { parseArgs } from "node:util";
import { isSabotage, SABOTAGES, type Sabotage } from "./sabotage.ts";

export interface CampaignArguments {
  readonly minutes: number;
  readonly seed: number;
  readonly clients: number;
  readonly rate: number;
  readonly faultsPerMinute: number;
  readonly durationFactor: number;
  readonly sabotage: Sabotage | undefined;
  readonly only: string[] | undefined;
  readonly allowDuplicateIds: boolean;
  readonly keepEvidence: boolean;
}

export const USAGE = `npm run campaign -- [options]
  --minutes N             how long events flow and faults are done (default 30)
  --seed N                the same seed gives the same clients, events and faults (default: drawn, and printed)
  --clients N             (default 60)
  --rate N                events per second (default 300)
  --faults-per-minute N   (default 5)
  --fault-length N        multiplies how long faults last (default 1)
  --only NAME             only this kind of fault; may be given several times
  --sabotage KIND         breaks the gateways, so that it must fail: ${Object.keys(SABOTAGES).join(", ")}
  --allow-duplicate-ids   does not fail because of a publication that came twice from two records of the log
  --keep-evidence         leaves the evidence of a campaign that passed too`;

/** Reads the command line. Throws an Error that says what is wrong with it. */
export function readArguments(argv: readonly string[]): CampaignArguments {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      minutes: { type: "string", default: "30" },
      seed: { type: "string", default: String(Math.floor(Math.random() * 2 ** 32)) },
      clients: { type: "string", default: "60" },
      rate: { type: "string", default: "300" },
      "faults-per-minute": { type: "string", default: "5" },
      "fault-length": { type: "string", default: "1" },
      only: { type: "string", multiple: true },
      sabotage: { type: "string" },
      "allow-duplicate-ids": { type: "boolean", default: false },
      "keep-evidence": { type: "boolean", default: false },
    },
  });
  const positive = (name: "minutes" | "clients" | "rate" | "faults-per-minute" | "fault-length"): number => {
    const value = Number(values[name]);
    if (!(value > 0 && value < 1e6)) throw new Error(`--${name}: expected a number above 0, got "${values[name]}"`);
    return value;
  };
  const seed = Number(values.seed);
  if (!Number.isInteger(seed) || seed < 0 || seed >= 2 ** 32)
    throw new Error(`--seed: expected a whole number from 0 to 4294967295, got "${values.seed}"`);
  const { sabotage } = values;
  if (sabotage !== undefined && !isSabotage(sabotage))
    throw new Error(`--sabotage: expected one of ${Object.keys(SABOTAGES).join(", ")}, got "${sabotage}"`);
  return {
    minutes: positive("minutes"),
    seed,
    clients: Math.round(positive("clients")),
    rate: positive("rate"),
    faultsPerMinute: positive("faults-per-minute"),
    durationFactor: positive("fault-length"),
    sabotage,
    only: values.only,
    allowDuplicateIds: values["allow-duplicate-ids"],
    keepEvidence: values["keep-evidence"],
  };
}
