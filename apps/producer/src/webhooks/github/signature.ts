import { createHmac, timingSafeEqual } from "node:crypto";
import { CodedError } from "@warren/events";

/** What GitHub sends as `X-Hub-Signature-256`: HMAC SHA-256 of the body's bytes, in hex. */
export function sign(secret: string, body: Buffer): string {
  return `sha256=${createHmac("sha256", secret).update(body).digest("hex")}`;
}

/** @throws CodedError SIGNATURE_MISSING, SIGNATURE_INVALID */
export function checkSignature(secret: string, body: Buffer, given: string | undefined): void {
  if (given === undefined || given === "") {
    throw new CodedError(
      "SIGNATURE_MISSING",
      "The delivery has no X-Hub-Signature-256: set the webhook's secret on GitHub.",
    );
  }
  const expected = Buffer.from(sign(secret, body));
  const found = Buffer.from(given);
  if (found.length !== expected.length || !timingSafeEqual(found, expected)) {
    throw new CodedError("SIGNATURE_INVALID", "X-Hub-Signature-256 does not match the body and the webhook's secret.");
  }
}
