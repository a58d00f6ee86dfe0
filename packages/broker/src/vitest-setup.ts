import type { TestProject } from "vitest/node";

import { acquireBroker } from "./acquire.ts";
import type { BrokerHandle } from "./broker.ts";

declare module "vitest" {
  export interface ProvidedContext {
    /** The broker of this run. */
    warrenBroker: BrokerHandle;
  }
}

/**
 * Brings up one broker for the run: the one of WARREN_TEST_BROKER (a BrokerHandle as JSON), which is then left as it is, or one
 * acquired for the run and released after it.
 */
export default async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  const given = process.env["WARREN_TEST_BROKER"];
  if (given) {
    project.provide("warrenBroker", JSON.parse(given) as BrokerHandle);
    return undefined;
  }
  const broker = await acquireBroker({ say: (line) => process.stderr.write(`broker: ${line}\n`) });
  project.provide("warrenBroker", broker.toJSON());
  return async () => broker.release();
}
