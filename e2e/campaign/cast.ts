import type { CampaignClient, ClientPlan } from "./clients/client.ts";
import { PlainClient } from "./clients/plain.ts";
import { SdkClient } from "./clients/sdk.ts";
import { drawPatterns, type LogName } from "./load/scenery.ts";
import { Ledger } from "./oracle/ledger.ts";
import type { LogCopy } from "./oracle/log-copy.ts";
import type { TopicTable } from "./oracle/topics.ts";
import type { Random } from "./random.ts";

export interface CastOptions {
  readonly count: number;
  readonly random: Random;
  readonly copies: Readonly<Record<LogName, LogCopy>>;
  readonly topics: TopicTable;
  readonly addresses: readonly string[];
  readonly nowMs: () => number;
}

/** Makes the clients: of ten, seven follow the log that keeps everything and three the brief one. */
export function makeClients({ count, random, copies, topics, addresses, nowMs }: CastOptions): CampaignClient[] {
  return Array.from({ length: count }, (_, index) => {
    const log: LogName = index % 10 < 7 ? "main" : "brief";
    const patterns = drawPatterns(log, random);
    const plan: ClientPlan = {
      name: `c${index}`,
      log,
      patterns,
      ledger: new Ledger(copies[log], topics.matcher(patterns)),
      addresses,
      topicNumber: (topic) => topics.numberOf(topic),
      nowMs,
    };
    return makeClient(plan, index, random.integer(0, addresses.length - 1));
  });
}

function makeClient(plan: ClientPlan, index: number, gateway: number): CampaignClient {
  // Three in five are plain; 7 and 10 have no common factor, so both logs have all kinds.
  switch (index % 7) {
    case 0:
      return new PlainClient(plan, gateway, index % 2 === 0 ? ["polling", "websocket"] : ["polling"]);
    case 1:
    case 2:
    case 3:
      return new PlainClient(plan, gateway, ["websocket"]);
    case 4:
      // A loop takes events later than its gaps are told, which the ledger of a log with gaps could not follow.
      return new SdkClient(plan, gateway, plan.log === "main");
    default:
      return new SdkClient(plan, gateway, false);
  }
}
