import type { ClientGap } from "../connection/gateway-client.ts";

export interface GapWords {
  /** Why, in a few words. */
  readonly short: string;
  /** What happened, as a sentence. */
  readonly long: string;
}

/** What a gap means. */
export function gapWords({ reason }: ClientGap): GapWords {
  return (
    WORDS[reason] ?? { short: reason, long: `The gateway gives a reason that this page does not know: ${reason}.` }
  );
}

const WORDS: Record<string, GapWords> = {
  retention: {
    short: "the log no longer keeps them",
    long: "The log had already let go of what was published in between: this page was away for longer than it keeps events.",
  },
  reset: {
    short: "the log is another one now",
    long: "The log was deleted and made again, or lost its end, so the position names no event in it any more.",
  },
  limit: {
    short: "more than one replay may bring",
    long: "More was missed than the gateway brings in one replay, so it went on further ahead.",
  },
  unhealed: {
    short: "lost on the way, and not brought back",
    long: "Events were lost on the live path, and resuming from before them several times did not bring them.",
  },
};
