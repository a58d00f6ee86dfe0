import { before, CodedError, parsePosition, type Position } from "@warren/events";

/** Where a client wants to go on from. */
export type StartFrom = Position | "first" | "now";

/**
 * Reads what a client gave as its position: a position string, an offset, a whole `meta`, `"first"`, `"now"` or nothing.
 * Offset 0 is the beginning of what there is: it is what a client says that never received anything.
 * Throws CodedError POSITION_INVALID.
 */
export function readPositionRequest(value: unknown): StartFrom {
  if (value === undefined || value === null || value === "now") return "now";
  if (value === "first" || value === 0 || value === "0") return "first";
  if (typeof value === "number" && Number.isSafeInteger(value) && value > 0) return before(value);
  if (typeof value === "string") {
    const position = parsePosition(value);
    if (position !== undefined) return position;
  }
  if (typeof value === "object" && "position" in value && typeof value.position === "string") {
    return readPositionRequest(value.position);
  }
  throw new CodedError(
    "POSITION_INVALID",
    `expected a position as received, an offset, "first" or "now", got ${JSON.stringify(value)?.slice(0, 80) ?? typeof value}`,
  );
}
