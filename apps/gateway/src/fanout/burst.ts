import type { PositionString } from "@warren/events";
import { frameEvents } from "./frames.ts";
import type { EncodedEvent } from "./packet.ts";

/** Events on their way to sockets together: for an audience what one read from the broker brought, encoded once for all. */
export class Burst {
  readonly events: readonly EncodedEvent[];
  /** Unit: bytes of all of it on the wire, roughly. */
  readonly bytes: number;
  /** Position of the last of them. */
  readonly last: PositionString;
  #frames: Buffer | undefined;

  constructor(events: readonly EncodedEvent[], bytes: number, last: PositionString) {
    this.events = events;
    this.bytes = bytes;
    this.last = last;
  }

  /** All of it as WebSocket frames in one buffer, made when the first socket can take it. */
  get frames(): Buffer {
    return (this.#frames ??= frameEvents(this.events));
  }
}
