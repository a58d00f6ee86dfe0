import type { EventMeta } from "@warren/events";
import type { ClientGap } from "../connection/gateway-client.ts";
import type { Body } from "./body.ts";

/** One row of the list: a delivery, a gap where it happened, or a mark of what the connection did there. */
export type Entry = DeliveryEntry | GapEntry | MarkEntry;

export interface DeliveryEntry {
  readonly kind: "delivery";
  /** Place in the list: consecutive, in order of arrival, never used again. */
  readonly key: number;
  /** When it was published, else when it arrived. Unit: milliseconds since the epoch. */
  readonly at: number;
  /** GitHub's name of the event: `issues`. */
  readonly event: string;
  /** GitHub's action: `opened`. */
  readonly action: string | undefined;
  /** `owner/repository`, the organisation, or the topic where there is neither. */
  readonly place: string;
  readonly summary: string;
  readonly replayed: boolean;
  readonly meta: EventMeta;
  /** Absent once the list had to let it go. */
  readonly body: Body | undefined;
}

export interface GapEntry {
  readonly kind: "gap";
  readonly key: number;
  readonly at: number;
  readonly gap: ClientGap;
}

/** `cut`: by the reader; `lost`: not by the reader; `back`: connected again; `anew`: reading began at another place. */
export type Mark = "cut" | "lost" | "back" | "anew";

export interface MarkEntry {
  readonly kind: "mark";
  readonly key: number;
  readonly at: number;
  readonly mark: Mark;
  readonly text: string;
}

type Keyless<T> = T extends Entry ? Omit<T, "key"> : never;

/** An entry before the list gave it its place. */
export type NewEntry = Keyless<Entry>;
