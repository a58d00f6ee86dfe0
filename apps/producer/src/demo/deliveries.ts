import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";

export interface DemoDelivery {
  event: string;
  body: Buffer;
}

const examples = z.array(z.object({ name: z.string(), examples: z.array(z.unknown()) }));

/** Every payload of @octokit/webhooks-examples for github.com, in the order of the package. */
export function demoDeliveries(): DemoDelivery[] {
  const path = fileURLToPath(import.meta.resolve("@octokit/webhooks-examples"));
  return examples
    .parse(JSON.parse(readFileSync(path, "utf8")))
    .flatMap(({ name, examples }) =>
      examples.map((payload) => ({ event: name, body: Buffer.from(JSON.stringify(payload)) })),
    );
}
