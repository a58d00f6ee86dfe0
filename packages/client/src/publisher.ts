import { isReservedEvent, type PublishOptions } from "@warren/events";

import type { PublishRequest } from "./client.ts";
import { PublishRefused, reason, type Refusal } from "./errors.ts";
import { messageId } from "./message-id.ts";
import type { Outbox } from "./outbox.ts";
import { copyPayload, type Payload } from "./payload.ts";
import { readId } from "./wire.ts";

/** See Client.publish. */
export async function publish(
  outbox: Outbox,
  type: string,
  data: unknown,
  { signal, id = messageId(), topic, headers }: PublishRequest,
): Promise<{ id: string }> {
  const refused = (refusal: Refusal, cause?: unknown) => new PublishRefused(id, refusal, cause);
  if (isReservedEvent(type)) {
    throw refused({ code: "EVENT_RESERVED", message: `"${type}" is a reserved event name.`, retryable: false });
  }
  let payload: Payload;
  try {
    payload = copyPayload(data);
  } catch (error) {
    const message = `The data of "${type}" is no JSON: ${reason(error)}`;
    throw refused({ code: "PAYLOAD_INVALID", message, retryable: false }, error);
  }
  const options: PublishOptions = { id };
  if (topic !== undefined) options.topic = topic;
  if (headers !== undefined) options.headers = { ...headers };
  const args = [payload.data, options];
  const answer = await outbox.add({ name: type, args: () => args, bytes: payload.bytes, refused, signal });
  return { id: readId(answer) ?? id };
}
