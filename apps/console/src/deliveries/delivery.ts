import type { EventMeta } from "@warren/events";
import { bodyOf } from "./body.ts";
import type { DeliveryEntry } from "./entry.ts";
import { read, readFirst } from "./payload.ts";
import { summarize } from "./summary.ts";

/** Makes the row of one event. `now`: when it arrived, unit milliseconds since the epoch. */
export function deliveryOf(type: string, data: unknown, meta: EventMeta, now: number): Omit<DeliveryEntry, "key"> {
  const action = read(data, "action") || undefined;
  const event = eventName(meta.type ?? type, action);
  return {
    kind: "delivery",
    at: meta.time ?? now,
    event,
    action,
    place: readFirst(data, "repository.full_name", "organization.login", "installation.account.login") || meta.topic,
    summary: summarize(event, data) || foreign(data),
    replayed: meta.replayed === true,
    meta,
    body: bodyOf(data),
  };
}

/** A publisher may name the event with its action, `issues.opened`; the row has a column for each. */
function eventName(type: string, action: string | undefined): string {
  return action !== undefined && type.endsWith(`.${action}`) ? type.slice(0, -action.length - 1) : type;
}

/** What to say of an event that is no GitHub delivery: the beginning of what it holds. */
function foreign(data: unknown): string {
  const body = bodyOf(data);
  if (body.kind === "bytes") return `${body.size} bytes`;
  return body.text.slice(0, 160).replaceAll(/\s+/g, " ");
}
