import type { EngineAddress } from "./engine.ts";

/** What a container's keeper is started with: the first line of its input. Any second line says that the container is there. */
export interface ContainerOrder {
  engine: EngineAddress;
  container: string;
  /** Whether its broker is to shut down in good order first, because its data outlive it. */
  keepData: boolean;
}
