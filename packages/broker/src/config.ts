import type { BrokerKind } from "./broker.ts";
import { BrokerError } from "./errors.ts";

export interface BrokerConfig {
  /** AMQP_URL: a broker that runs already. */
  amqpUrl: string | undefined;
  /** WARREN_MANAGEMENT_URL: its management API, when that is not on port 15672 of the same host. */
  managementUrl: string | undefined;
  /** RABBITMQ_IMAGE: the container's image. @default "rabbitmq:4.3-management" */
  image: string;
  /** WARREN_BROKER: the only way to be tried. */
  only: BrokerKind | undefined;
}

const KINDS: readonly BrokerKind[] = ["url", "container", "node"];

/** @throws BrokerError `BROKER_NONE` for a WARREN_BROKER that is none of the kinds */
export function loadConfig(env: Record<string, string | undefined>): BrokerConfig {
  const only = env["WARREN_BROKER"] || undefined;
  const kind = KINDS.find((each) => each === only);
  if (only !== undefined && kind === undefined) {
    throw new BrokerError("BROKER_NONE", `WARREN_BROKER: expected ${KINDS.join(", ")}, got ${JSON.stringify(only)}`);
  }
  return {
    amqpUrl: env["AMQP_URL"] || undefined,
    managementUrl: env["WARREN_MANAGEMENT_URL"] || undefined,
    image: env["RABBITMQ_IMAGE"] || "rabbitmq:4.3-management",
    only: kind,
  };
}
