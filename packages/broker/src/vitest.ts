import { inject, test } from "vitest";

import { attachBroker } from "./attach.ts";
import type { Broker } from "./broker.ts";
import { poll } from "./poll.ts";
import type { Vhost } from "./vhost.ts";
import "./vitest-setup.ts";

/** How long, in milliseconds, a test's connections may take to be gone after it. */
const GRACE_MS = 3_000;

export interface BrokerFixtures {
  /** The broker of the run, the same for all tests. A test that disturbs it puts it right again. */
  broker: Broker;
  /** Made for the test and removed after it. The test fails when a connection is still open in it then. */
  vhost: Vhost;
}

/** Vitest's `it` with a real broker. */
export const it = test.extend<BrokerFixtures>({
  // eslint-disable-next-line no-empty-pattern
  broker: [async ({}, use) => use(attachBroker(inject("warrenBroker"))), { scope: "worker" }],
  vhost: async ({ broker }, use) => {
    const vhost = await broker.createVhost();
    await use(vhost);
    const open = await openAfterGrace(vhost);
    await vhost.remove();
    if (open.length > 0) throw new Error(`the test left connections open: ${open.join(", ")}`);
  },
});

async function openAfterGrace(vhost: Vhost): Promise<string[]> {
  let open: string[] = [];
  await poll(
    async () => {
      open = (await vhost.connections()).map(({ name }) => name);
      return open.length === 0 ? true : undefined;
    },
    { timeoutMs: GRACE_MS },
  );
  return open;
}
