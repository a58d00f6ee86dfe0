import { findEngine } from "../container/engine.ts";
import type { ContainerOptions } from "../container/start-container.ts";
import type { Rung } from "../ladder.ts";

/** A container of our own, on a Docker engine that answers. What starts it is loaded only then: it is large. */
export function containerRung(
  env: Record<string, string | undefined>,
  options: Omit<ContainerOptions, "engine">,
): Rung {
  return {
    kind: "container",
    async probe() {
      const engine = await findEngine(env);
      if (engine === undefined) return undefined;
      return {
        doing: `starting a container of ${options.image} (the first time, its image is pulled)`,
        acquire: async () => (await import("../container/start-container.ts")).startContainer({ engine, ...options }),
      };
    },
  };
}
