import { inject, test } from "vitest";

import { attachBroker } from "./attach.ts";
import type { Broker } from "./broker.ts";
import { noConnections } from "./leaks.ts";
import type { Vhost } from "./vhost.ts";
import "./vitest-setup.ts";

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
    try {
      await noConnections(vhost);
    } finally {
      await vhost.remove();
    }
  },
});
