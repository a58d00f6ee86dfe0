import type { z } from "zod";
import { ConfigError } from "./config-error.ts";
import { shownValue } from "./redact.ts";

/** Variables as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Reads the variables that the schema names; a variable set to nothing counts as not set. Values of variables named
 * `*SECRET*`, `*PASSWORD*` or `*TOKEN*`, and credentials inside URLs, are never part of a fault.
 *
 * @throws ConfigError with every fault at once: `NAME: expected …, got "…"` or `NAME: missing`
 */
export function readEnvironment<S extends z.ZodObject>(schema: S, env: Environment): z.infer<S> {
  const given: Record<string, string> = {};
  for (const name of Object.keys(schema.shape)) {
    const value = env[name];
    if (value !== undefined && value !== "") given[name] = value;
  }
  const result = schema.safeParse(given);
  if (result.success) return result.data;

  const faults = new Map<string, string>();
  for (const issue of result.error.issues) {
    const name = String(issue.path[0] ?? "");
    if (!faults.has(name)) faults.set(name, fault(name, given[name], issue.message));
  }
  throw new ConfigError([...faults.values()]);
}

function fault(name: string, value: string | undefined, message: string): string {
  if (name === "") return message;
  if (value === undefined) return `${name}: missing`;
  const at = message.indexOf("expected ");
  const expected = at < 0 ? `expected another value (${message})` : message.slice(at);
  return `${name}: ${expected}, got "${shownValue(name, value)}"`;
}
