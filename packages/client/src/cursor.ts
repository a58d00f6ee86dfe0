import { comparePositions, parsePosition, type EventMeta, type Position, type PositionString } from "@warren/events";

/**
 * `next`: the event that follows what is held. `repeat`: one that was had already. `loss`: events between what is held
 * and this one did not arrive.
 */
export type Verdict = "next" | "repeat" | "loss";

/** Where a client stands in its log: everything up to here has arrived, or was announced as a gap. */
export class Cursor {
  #held: PositionString | undefined;
  #at: Position | undefined;
  #excused: Position | undefined;

  get held(): PositionString | undefined {
    return this.#held;
  }

  judge(meta: EventMeta): Verdict {
    const at = this.#at;
    const position = parsePosition(meta.position);
    if (at === undefined || position === undefined) return "next";
    if (comparePositions(position, at) <= 0) return "repeat";
    const previous = meta.previous === undefined ? undefined : parsePosition(meta.previous);
    if (previous === undefined || comparePositions(previous, at) <= 0) return "next";
    if (this.#excused !== undefined && comparePositions(previous, this.#excused) <= 0) return "next";
    return "loss";
  }

  /** Moves on to a position, unless it is an older one. A position that cannot be read is taken as it is. */
  advance(position: PositionString): void {
    const to = parsePosition(position);
    if (to !== undefined && this.#at !== undefined && comparePositions(to, this.#at) <= 0) return;
    this.#held = position;
    this.#at = to;
  }

  /** Moves to a position in another life of the log, where offsets may be lower. */
  reset(position: PositionString): void {
    this.#held = position;
    this.#at = parsePosition(position);
    this.#excused = undefined;
  }

  /** Patterns were added at this position: a `previous` up to it names events that were never meant for this client. */
  excuse(position: PositionString | undefined): void {
    this.#excused = position === undefined ? undefined : parsePosition(position);
  }
}
