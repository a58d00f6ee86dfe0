import type { Broker } from "../broker.ts";
import { BrokerError } from "../errors.ts";
import type { EngineAddress } from "./engine.ts";

export interface ContainerOptions {
  engine: EngineAddress;
  image: string;
  dataDir?: string | undefined;
  say: (line: string) => void;
  signal?: AbortSignal | undefined;
}

export async function startContainer(options: ContainerOptions): Promise<Broker> {
  throw new BrokerError("BROKER_START_FAILED", `containers of ${options.image} cannot be started yet`);
}
