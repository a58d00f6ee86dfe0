import type { Check, Unprovable } from "../check.ts";
import { bodies } from "./bodies.ts";
import { delivery } from "./delivery.ts";
import { gaps } from "./gaps.ts";
import { history } from "./history.ts";
import { publishing } from "./publishing.ts";
import { refusals } from "./refusals.ts";
import { resuming } from "./resuming.ts";
import { subscriptions } from "./subscriptions.ts";

/** In the order in which they run. */
export const CHECKS: readonly Check[] = [
  ...delivery,
  ...publishing,
  ...resuming,
  ...gaps,
  ...subscriptions,
  ...history,
  ...bodies,
  ...refusals,
];

export const UNPROVABLE: readonly Unprovable[] = [
  { name: "gap-retention", promise: "what is older than the log keeps is announced as a gap of reason retention" },
  { name: "gap-remade-log", promise: "a log that was deleted and made again is announced as a gap of reason reset" },
  { name: "gap-limit", promise: "a replay over the gateway's bound is announced as a gap of reason limit" },
  { name: "killed-gateway", promise: "a client of a killed gateway resumes exactly on the next one" },
  { name: "lost-broker", promise: "what was acked before the broker went away is delivered when it is back" },
  { name: "closing", promise: "a gateway that goes away says warren:closing, with another delay for each client" },
  { name: "live-loss", promise: "an event that is lost on the live path shows in the next one's previous" },
  { name: "slow-client", promise: "what a gateway holds for a client that does not read has a bound" },
  { name: "refuse-retryable", promise: "past a bound a client is refused with a retryable error and a delay" },
  { name: "permissions", promise: "every subscription and publish is checked against what the client may do now" },
  { name: "foreign-publishers", promise: "a message without id, type, time or JSON is delivered, at worst as bytes" },
  { name: "reserved-type", promise: "an event whose AMQP type is a reserved name arrives as event:<type>" },
];
