import { clock } from "../time/clock.ts";
import { advice } from "./fault.ts";
import type { LineView, Phase } from "./line.ts";

export type Tone = "good" | "busy" | "away" | "bad";

export interface LineWords {
  /** One or two words. */
  readonly state: string;
  readonly tone: Tone;
  /** What it means, and what to do about it. */
  readonly sentence: string;
}

/** How a line stands, in words. */
export function lineWords({ phase, since, fault }: LineView): LineWords {
  const trouble = fault === undefined ? undefined : `${fault.message} ${advice(fault)}`;
  const words: Record<Phase, LineWords> = {
    connecting: { state: "Connecting", tone: "busy", sentence: trouble ?? "Asking the gateway." },
    replaying: { state: "Catching up", tone: "busy", sentence: "What was missed is arriving, in order." },
    live: { state: "Live", tone: "good", sentence: trouble ?? `Since ${clock(since)}.` },
    lost: {
      state: "Disconnected",
      tone: "away",
      sentence: `Since ${clock(since)}; trying again. The log keeps what is missed.`,
    },
    cut: {
      state: "Cut",
      tone: "away",
      sentence: `By you, at ${clock(since)}. The log keeps what is missed until you restore it.`,
    },
    refused: { state: "Refused", tone: "bad", sentence: trouble ?? "The gateway gave no reason." },
  };
  return words[phase];
}
