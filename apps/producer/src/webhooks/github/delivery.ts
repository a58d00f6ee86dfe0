import type { IncomingHttpHeaders } from "node:http";
import type { OutgoingMessage } from "@warren/amqp";
import { CodedError, topicFault, utf8Length } from "@warren/events";
import { parseJson } from "../../json-text.ts";
import { mediaType } from "../../raw-body.ts";
import { deliveryTopic, eventType, readNames } from "./topic.ts";

/** AMQP carries message id and type as short strings. Unit: bytes. */
const SHORT_STRING_BYTES = 255;

/** What of a delivery becomes the message; its exchange and time are the route's. */
export type DeliveryMessage = Pick<OutgoingMessage, "id" | "type" | "routingKey" | "body" | "headers">;

/**
 * Reads a delivery whose signature is right.
 *
 * @throws CodedError DELIVERY_INVALID for its headers, PAYLOAD_INVALID for its body
 */
export function readDelivery(headers: IncomingHttpHeaders, rawBody: Buffer): DeliveryMessage {
  const id = header(headers, "x-github-delivery");
  const event = header(headers, "x-github-event");
  const faults = [shortFault("X-GitHub-Delivery", id), shortFault("X-GitHub-Event", event)].filter(
    (fault) => fault !== undefined,
  );
  if (faults.length > 0) throw new CodedError("DELIVERY_INVALID", `${faults.join("; ")}.`);

  const body = payloadBytes(headers, rawBody);
  const names = readNames(parseJson(body));
  if (names === undefined) throw new CodedError("PAYLOAD_INVALID", "The payload is not a JSON object.");
  const type = eventType(event, names);
  const routingKey = deliveryTopic(event, names);
  const fault = shortFault("type", type) ?? topicFault(routingKey);
  if (fault !== undefined) throw new CodedError("DELIVERY_INVALID", `The delivery's names are too long: ${fault}.`);

  const hookId = header(headers, "x-github-hook-id");
  return {
    id,
    type,
    routingKey,
    body,
    headers: {
      "x-github-event": event,
      "x-github-delivery": id,
      ...(hookId === "" ? {} : { "x-github-hook-id": hookId }),
    },
  };
}

/** GitHub sends the payload as the body, or as the field `payload` of a form: the webhook's setting "content type". */
function payloadBytes(headers: IncomingHttpHeaders, body: Buffer): Buffer {
  const type = mediaType(headers["content-type"]);
  if (type === "application/json") return body;
  if (type === "application/x-www-form-urlencoded") {
    const payload = new URLSearchParams(body.toString("utf8")).get("payload");
    if (payload === null) throw new CodedError("PAYLOAD_INVALID", "The form has no field payload.");
    return Buffer.from(payload);
  }
  const expected = "expected application/json or application/x-www-form-urlencoded";
  throw new CodedError("PAYLOAD_INVALID", `Content-Type: ${expected}, got "${type}".`);
}

function header(headers: IncomingHttpHeaders, name: string): string {
  const value = headers[name];
  // Node reads header bytes as latin1; what was sent is UTF-8 where it is not ASCII.
  return typeof value === "string" ? Buffer.from(value, "latin1").toString("utf8") : "";
}

function shortFault(name: string, value: string): string | undefined {
  if (value === "") return `${name}: missing`;
  const bytes = utf8Length(value);
  return bytes > SHORT_STRING_BYTES ? `${name}: expected at most ${SHORT_STRING_BYTES} bytes, got ${bytes}` : undefined;
}
