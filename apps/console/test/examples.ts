import { createRequire } from "node:module";

interface Example {
  readonly event: string;
  readonly payload: Record<string, unknown>;
}

const require = createRequire(import.meta.url);

/** GitHub's own example deliveries: 329 of them, of 58 events. */
export const examples: readonly Example[] = (
  require("@octokit/webhooks-examples") as { name: string; examples: Record<string, unknown>[] }[]
).flatMap(({ name, examples }) => examples.map((payload) => ({ event: name, payload })));

export function exampleOf(event: string, action?: string): Record<string, unknown> {
  const found = examples.find(
    ({ event: e, payload }) => e === event && (action === undefined || payload["action"] === action),
  );
  if (found === undefined) throw new Error(`no example of ${event} ${action ?? ""}`);
  return found.payload;
}
