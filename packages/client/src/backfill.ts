import { comparePositions, parsePosition, type PositionRequest, type PositionString } from "@warren/events";

/**
 * The events that a subscription made with a position brings from before it was made. They are older than what the
 * client holds, so they have a cursor of their own, and leave the client's position where it is.
 */
export class Backfill {
  readonly #asked: PositionRequest;
  #reached: PositionString | undefined;

  constructor(asked: PositionRequest) {
    this.#asked = asked;
  }

  /** Where to go on from: what was asked for, then the last event that came. */
  get position(): PositionRequest {
    return this.#reached ?? this.#asked;
  }

  judge(position: PositionString): "next" | "repeat" {
    const to = parsePosition(position);
    const at = this.#reached === undefined ? undefined : parsePosition(this.#reached);
    return to !== undefined && at !== undefined && comparePositions(to, at) <= 0 ? "repeat" : "next";
  }

  reach(position: PositionString): void {
    this.#reached = position;
  }
}
