import { randomUUID } from "node:crypto";
import { PublishError, type Publisher } from "@warren/amqp";
import { clientError, CodedError, type ClientError, type PublishAck } from "@warren/events";
import type { EmittedEvent } from "./emitted-event.ts";

/** Publishes what a client emitted; the answer is what its ack gets. `ok: true` means that the broker has it. */
export async function publishEmitted(publisher: Publisher, exchange: string, event: EmittedEvent): Promise<PublishAck> {
  const id = event.id ?? randomUUID();
  try {
    await publisher.publish({
      exchange,
      routingKey: event.topic,
      body: event.body,
      id,
      type: event.type,
      contentType: event.contentType,
      headers: { ...event.headers },
      timestampMs: Date.now(),
    });
    return { ok: true, id };
  } catch (error) {
    return { ok: false, error: toClientError(error) };
  }
}

const RETRY_AFTER_MS = 1_000;

/** What a client is told of a failure; anything unforeseen is INTERNAL and for the gateway's own log. */
export function toClientError(error: unknown): ClientError {
  if (error instanceof CodedError) return error.toClient();
  if (error instanceof PublishError) {
    const { retryable } = clientError(error.code, "");
    return clientError(error.code, error.message, retryable ? RETRY_AFTER_MS : undefined);
  }
  return clientError("INTERNAL", "the gateway could not do this; its log says why", RETRY_AFTER_MS);
}
