/** What every failed request is answered with, as `error` of a JSON object. */
export interface HttpError {
  code: string;
  /** One sentence that names the thing that is wrong. */
  message: string;
  /** Whether the same request, sent again, may succeed. */
  retryable: boolean;
  /** Unit: milliseconds. Also sent as the header `retry-after`, in whole seconds. */
  retryAfterMs?: number;
}

/** The HTTP status of every error code. A code that is not here is answered with 500. */
export const HTTP_STATUS: Readonly<Record<string, number>> = {
  AUTH_REQUIRED: 401,
  AUTH_INVALID: 401,
  SIGNATURE_MISSING: 401,
  SIGNATURE_INVALID: 401,
  FORBIDDEN: 403,
  NOT_FOUND: 404,
  NAMESPACE_UNKNOWN: 404,
  EXCHANGE_UNKNOWN: 404,
  PAYLOAD_TOO_LARGE: 413,
  PAYLOAD_INVALID: 422,
  DELIVERY_INVALID: 422,
  EVENT_INVALID: 422,
  EVENT_RESERVED: 422,
  ID_INVALID: 422,
  TOPIC_INVALID: 422,
  TYPE_INVALID: 422,
  HEADERS_INVALID: 422,
  PATTERN_INVALID: 422,
  POSITION_INVALID: 422,
  BROKER_REFUSED: 422,
  SUBSCRIPTIONS_EXCEEDED: 429,
  INTERNAL: 500,
  UNROUTABLE: 503,
  NACKED: 503,
  PUBLISH_TIMEOUT: 503,
  BUFFER_FULL: 503,
  BROKER_UNAVAILABLE: 503,
  CONNECTIONS_EXCEEDED: 503,
  BUSY: 503,
  CLOSING: 503,
  NOT_READY: 503,
};

/**
 * How any thrown value is answered. An error with a `code` and a `toClient()` says itself what a client may see; of
 * Fastify's own errors the status is kept (400, 404, 413, 415, …); of anything else nothing is shown.
 */
export function httpError(thrown: unknown): { status: number; error: HttpError } {
  if (isClientFacing(thrown)) {
    const error = thrown.toClient();
    return { status: HTTP_STATUS[error.code] ?? 500, error };
  }
  const status = statusCode(thrown);
  if (status >= 500) return { status, error: internal };
  const message = thrown instanceof Error ? thrown.message : "The request cannot be understood.";
  return { status, error: { code: clientFault(status), message, retryable: status === 408 } };
}

/** The answer to whatever was not foreseen. */
const internal: HttpError = {
  code: "INTERNAL",
  message: "Something unforeseen went wrong; the log of the process says what.",
  retryable: true,
};

function clientFault(status: number): string {
  if (status === 413) return "PAYLOAD_TOO_LARGE";
  return status === 404 ? "NOT_FOUND" : "PAYLOAD_INVALID";
}

interface ClientFacing extends Error {
  code: string;
  toClient(): HttpError;
}

function isClientFacing(thrown: unknown): thrown is ClientFacing {
  return (
    thrown instanceof Error &&
    "code" in thrown &&
    typeof thrown.code === "string" &&
    "toClient" in thrown &&
    typeof thrown.toClient === "function"
  );
}

function statusCode(thrown: unknown): number {
  if (thrown instanceof Error && "statusCode" in thrown && typeof thrown.statusCode === "number") {
    if (thrown.statusCode >= 400 && thrown.statusCode < 600) return thrown.statusCode;
  }
  return 500;
}
