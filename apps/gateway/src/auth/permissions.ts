import { CodedError, covers, patternFault, type Pattern, type Topic } from "@warren/events";
import type { Namespace } from "../namespaces/load.ts";

/**
 * What one client may do in one namespace. Asked for every subscription and every publish, so that permissions which
 * change while a client is connected take effect at once.
 */
export interface Permissions {
  /** Throws CodedError FORBIDDEN. */
  mayPublish(topic: Topic): void;
  /** Throws CodedError FORBIDDEN. */
  maySubscribe(pattern: Pattern): void;
}

/** Anonymous clients may do what the namespace's configuration says, the same for all of them. */
export function anonymousPermissions(namespace: Namespace): Permissions {
  return {
    mayPublish(topic) {
      // A topic is a pattern without wildcards, unless it has words that look like them: those match nothing but `#`.
      if (namespace.publish.some((allowed) => covers(allowed, topic))) return;
      throw new CodedError("FORBIDDEN", `publishing to "${topic}" is not allowed in ${namespace.name}`);
    },
    maySubscribe(pattern) {
      if (namespace.subscribe.some((allowed) => covers(allowed, pattern))) return;
      throw new CodedError("FORBIDDEN", `subscribing to "${pattern}" is not allowed in ${namespace.name}`);
    },
  };
}

/** Reads a list of patterns that a client sent. Throws CodedError PATTERN_INVALID or SUBSCRIPTIONS_EXCEEDED. */
export function readPatterns(value: unknown, limit: number): Pattern[] {
  if (!Array.isArray(value))
    throw new CodedError("PATTERN_INVALID", `expected topics to be a list of patterns, got ${typeof value}`);
  if (value.length > limit)
    throw new CodedError("SUBSCRIPTIONS_EXCEEDED", `expected at most ${limit} patterns, got ${value.length}`);
  for (const pattern of value) {
    const fault = patternFault(pattern);
    if (fault !== undefined) throw new CodedError("PATTERN_INVALID", fault);
  }
  return [...new Set(value as Pattern[])];
}
