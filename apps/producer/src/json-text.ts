import { CodedError } from "@warren/events";

// A byte order mark is left in, so that it is refused: those who read the message would stumble over it.
const utf8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** @throws CodedError PAYLOAD_INVALID */
export function parseJson(bytes: Buffer): unknown {
  if (bytes.length === 0) throw new CodedError("PAYLOAD_INVALID", "The body is empty: expected JSON.");
  let text: string;
  try {
    text = utf8.decode(bytes);
  } catch (cause) {
    throw new CodedError("PAYLOAD_INVALID", "The body is not UTF-8: expected JSON.", { cause });
  }
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    throw new CodedError("PAYLOAD_INVALID", `The body is not JSON: ${(cause as Error).message}.`, { cause });
  }
}
