import { createBroker } from "../attach.ts";
import type { Broker } from "../broker.ts";
import type { Rung } from "../ladder.ts";
import { findServerPrograms, type ServerPrograms } from "../node/server-script.ts";
import { startPrivateNode, type StartOptions } from "../node/start-node.ts";

/** An installed RabbitMQ, started as a node of our own. */
export function nodeRung(env: Record<string, string | undefined>, options: Omit<StartOptions, "programs">): Rung {
  return {
    kind: "node",
    async probe() {
      const programs = findServerPrograms(env);
      if (programs === undefined) return undefined;
      const doing = `starting a private RabbitMQ node (${programs.server})`;
      return { doing, acquire: async () => acquirePrivateNode(programs, options) };
    },
  };
}

export async function acquirePrivateNode(
  programs: ServerPrograms,
  options: Omit<StartOptions, "programs">,
): Promise<Broker> {
  const { version, amqpUrl, managementUrl, metricsUrl, control, end } = await startPrivateNode({
    programs,
    ...options,
  });
  const description = `RabbitMQ ${version}, private node on ${new URL(amqpUrl).host}`;
  return createBroker({ kind: "node", version, description, amqpUrl, managementUrl, metricsUrl, control }, end);
}
