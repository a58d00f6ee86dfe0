import type { FastifyInstance } from "fastify";
import type { Publish } from "../../publish-metrics.ts";
import { rawBody, takeRawBodies } from "../../raw-body.ts";
import { readDelivery } from "./delivery.ts";
import { checkSignature } from "./signature.ts";

/** Where deliveries are published. */
export const GITHUB_EXCHANGE = "github";

/** Unit: bytes. GitHub sends no payload over 25 MB. */
const WEBHOOK_BODY_LIMIT_BYTES = 25 * 1_048_576;

/** `POST /webhooks/github`: one signed delivery, published byte for byte as it came. */
export async function githubRoutes(
  scope: FastifyInstance,
  { secret, publish }: { secret: string; publish: Publish },
): Promise<void> {
  takeRawBodies(scope);
  scope.post("/webhooks/github", { bodyLimit: WEBHOOK_BODY_LIMIT_BYTES }, async (request, reply) => {
    const body = rawBody(request.body);
    // Before anything else is read: what is not signed deserves no work, and no hint about what would be right.
    const signature = request.headers["x-hub-signature-256"];
    checkSignature(secret, body, typeof signature === "string" ? signature : undefined);
    const message = readDelivery(request.headers, body);
    await publish({
      ...message,
      exchange: GITHUB_EXCHANGE,
      contentType: "application/json",
      timestampMs: Date.now(),
    });
    return reply.code(202).send({ ok: true, id: message.id, topic: message.routingKey });
  });
}
