import type { OutgoingMessage, PublishError, PublishErrorCode } from "@warren/amqp";
import { CodedError } from "@warren/events";

type RefusalCode = PublishErrorCode | "PAYLOAD_TOO_LARGE";

/** Unit: milliseconds. When to come back after a failure that passes by itself. */
const SOON_MS = 1_000;
/** Unit: milliseconds. A queue that is not bound takes somebody to bind it. */
const LATER_MS = 5_000;

const RETRY_AFTER_MS: Partial<Record<RefusalCode, number>> = {
  UNROUTABLE: LATER_MS,
  NACKED: SOON_MS,
  PUBLISH_TIMEOUT: SOON_MS,
  BUFFER_FULL: SOON_MS,
  CLOSING: SOON_MS,
};

const REASONS: Record<RefusalCode, (message: OutgoingMessage, error: PublishError) => string> = {
  UNROUTABLE: ({ exchange, routingKey }) =>
    `Nothing is bound to exchange "${exchange}" for topic "${routingKey}": the message would be lost.`,
  NACKED: () => "The broker refused to take responsibility for the message.",
  PUBLISH_TIMEOUT: () => "The broker did not confirm in time: send it again with the same id.",
  BUFFER_FULL: () => "Too many messages wait for the broker's confirm already.",
  CLOSING: () => "This producer is going away: send it again.",
  BROKER_REFUSED: (_message, error) => `The broker refused the message: ${error.message}`,
  PAYLOAD_TOO_LARGE: ({ body }) => `The broker takes no message of ${body.length} bytes.`,
};

/** What an HTTP client may see of a publish that was not confirmed. */
export function publishRefusal(error: PublishError, message: OutgoingMessage): CodedError {
  const code = error.code === "BROKER_REFUSED" && isTooLarge(error) ? "PAYLOAD_TOO_LARGE" : error.code;
  const retryAfterMs = RETRY_AFTER_MS[code];
  return new CodedError(code, REASONS[code](message, error), {
    cause: error,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });
}

/** The broker's own words since 3.8: `message size 26214400 is larger than configured max size 16777216`. */
function isTooLarge(error: PublishError): boolean {
  const cause = error.cause instanceof Error ? error.cause.message : "";
  return /larger than|too large/i.test(`${error.message} ${cause}`);
}
