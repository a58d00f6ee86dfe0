import { randomUUID } from "node:crypto";
import { CodedError } from "@warren/events";
import type { FastifyInstance } from "fastify";
import { parseJson } from "../json-text.ts";
import type { Publish } from "../publish-metrics.ts";
import { mediaType, rawBody, takeRawBodies } from "../raw-body.ts";
import { readEvent } from "./event.ts";
import { eventMessage } from "./message.ts";

/** Unit: bytes. */
const EVENT_BODY_LIMIT_BYTES = 1_048_576;

/** `POST /events/:exchange`: one event as JSON, `{ topic, type?, id?, headers?, data }`. */
export async function eventRoutes(
  scope: FastifyInstance,
  { exchanges, publish }: { exchanges: readonly string[]; publish: Publish },
): Promise<void> {
  takeRawBodies(scope);
  scope.post<{ Params: { exchange: string } }>(
    "/events/:exchange",
    { bodyLimit: EVENT_BODY_LIMIT_BYTES },
    async (request, reply) => {
      const { exchange } = request.params;
      if (!exchanges.includes(exchange)) {
        const known = exchanges.join(", ");
        throw new CodedError("EXCHANGE_UNKNOWN", `This producer publishes on ${known}, not on "${exchange}".`);
      }
      // Any page in a browser may post text or a form to this machine; JSON it may only post after asking, which is denied.
      const type = mediaType(request.headers["content-type"]);
      if (type !== "application/json") {
        throw new CodedError("PAYLOAD_INVALID", `Content-Type: expected application/json, got "${type}".`);
      }
      const event = readEvent(parseJson(rawBody(request.body)));
      const message = eventMessage(event, { exchange, id: randomUUID() });
      await publish(message);
      return reply.code(202).send({ ok: true, id: message.id, topic: message.routingKey });
    },
  );
}
