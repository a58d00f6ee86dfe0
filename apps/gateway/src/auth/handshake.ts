import { CodedError, type Pattern } from "@warren/events";
import type { Namespace } from "../namespaces/load.ts";
import type { Limits } from "../namespaces/schema.ts";
import { readPositionRequest, type StartFrom } from "../recovery/position-request.ts";
import { readPatterns, type Permissions } from "./permissions.ts";

/** Everything a client said in connecting, checked. */
export interface Admission {
  readonly patterns: readonly Pattern[];
  readonly from: StartFrom;
  readonly permissions: Permissions;
}

/**
 * Decides whether a client may connect, and as what. Throws CodedError.
 *
 * @param anonymous what a client without a token may do, the same object for all of them
 */
export function admit(auth: unknown, namespace: Namespace, limits: Limits, anonymous: Permissions): Admission {
  if (typeof auth !== "object" || auth === null || Array.isArray(auth)) {
    throw new CodedError("AUTH_INVALID", "expected auth to be an object");
  }
  const { topics, position, serverOffset } = auth as Record<string, unknown>;
  if (!namespace.anonymous) {
    throw new CodedError(
      "AUTH_REQUIRED",
      `${namespace.name} allows no anonymous clients, and this gateway knows no tokens yet`,
    );
  }
  const patterns =
    topics === undefined || topics === null
      ? namespace.defaultTopics
      : readPatterns(topics, limits.subscriptionsPerSocket);
  for (const pattern of patterns) anonymous.maySubscribe(pattern);
  return { patterns, from: readPositionRequest(position ?? serverOffset), permissions: anonymous };
}
