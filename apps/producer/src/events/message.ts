import type { OutgoingMessage } from "@warren/amqp";
import type { Event } from "./event.ts";

/** The message of an event. `data` is published as JSON, as `JSON.stringify` writes it. */
export function eventMessage(event: Event, place: { exchange: string; id: string }): OutgoingMessage {
  return {
    exchange: place.exchange,
    routingKey: event.topic,
    id: event.id ?? place.id,
    body: Buffer.from(JSON.stringify(event.data)),
    contentType: "application/json",
    timestampMs: Date.now(),
    ...(event.type === undefined ? {} : { type: event.type }),
    ...(event.headers === undefined ? {} : { headers: event.headers }),
  };
}
