import { before, type Position } from "@warren/events";
import type { LogRecord, ReadStart } from "./event-log.ts";

/** Whether the first record found at or after a position is the one that the position names. */
export function stands(from: Position, landed: LogRecord): boolean {
  return landed.offset === from.offset && (from.check === undefined || from.check === landed.check);
}

/**
 * What became of a position that does not stand.
 *
 * @param landed the first record found at or after the position; undefined when the log ends before it
 * @param first the oldest record of the log, looked up after `landed` was found: what was lost before then shows in it
 */
export function judge(from: Position, landed: LogRecord | undefined, first: LogRecord): ReadStart {
  if (landed === undefined) return { found: "gap", reason: "reset", from, to: before(first.offset, first.check) };
  const truncated = first.offset > from.offset;
  // Offsets are not dense, so a number that somebody typed may well fall between two records.
  if (from.check === undefined && !truncated) return { found: "exact" };
  if (truncated && landed.offset !== from.offset) {
    return { found: "gap", reason: "retention", from, to: before(landed.offset, landed.check) };
  }
  return { found: "gap", reason: "reset", from, to: before(first.offset, first.check) };
}
