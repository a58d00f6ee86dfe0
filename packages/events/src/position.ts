/**
 * A place in one log. Clients keep it as an opaque string; inside it names the record that stands there:
 *
 *   `5124-1a2b3c4d`   after the record at stream offset 5124 whose check is 1a2b3c4d
 *   `<5124-1a2b3c4d`  just before that record: the record itself is still to come
 *   `<0`              before everything that was ever in the log; nothing to prove
 *   `5124`            an offset somebody typed: at or after it, nothing to prove
 *
 * RabbitMQ clamps an offset that no longer exists to the nearest one that does, without a word. So whoever resumes
 * a position reads from the offset itself, inclusive, and compares the check of the record found there.
 */
export type PositionString = string;

/** A parsed position. `check` is the record's check as 8 hex digits, absent where nothing can be proved. */
export interface Position {
  readonly offset: number;
  readonly check?: string;
  /** Whether the record at `offset` counts as not yet received. */
  readonly before: boolean;
}

/** Before everything that was ever in the log. */
export const BEGINNING: Position = { offset: 0, before: true };

const FORM = /^(<?)(0|[1-9]\d{0,15})(?:-([0-9a-f]{8}))?$/;

/** The position right after the record at `offset`. */
export function after(offset: number, check: string): Position {
  return { offset, check, before: false };
}

/** The position right before the record at `offset`. */
export function before(offset: number, check?: string): Position {
  return check === undefined ? { offset, before: true } : { offset, check, before: true };
}

export function formatPosition(position: Position): PositionString {
  const place = position.check === undefined ? `${position.offset}` : `${position.offset}-${position.check}`;
  return position.before ? `<${place}` : place;
}

/** Reads a position as `formatPosition` wrote it, or undefined when the text is none. */
export function parsePosition(text: string): Position | undefined {
  const match = FORM.exec(text);
  if (match === null) return undefined;
  const offset = Number(match[2]);
  if (!Number.isSafeInteger(offset)) return undefined;
  const check = match[3];
  // A bare number is an offset somebody typed: it begins at that record.
  if (check === undefined) return { offset, before: true };
  return { offset, check, before: match[1] === "<" };
}

/**
 * Orders two positions of one log: negative when `a` is earlier. Positions that differ only in their check are equal
 * here; only the log can say which of them is true.
 */
export function comparePositions(a: Position, b: Position): number {
  return a.offset - b.offset || Number(b.before) - Number(a.before);
}
