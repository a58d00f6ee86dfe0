import type { TopologyFailure } from "./errors.ts";

/** One part of a topology. */
export interface Step {
  readonly kind: TopologyFailure["kind"];
  readonly name: string;
  /** What people call it, where that says more: a queue may be a stream. */
  readonly shownKind?: string;
}

/** Turns the broker's refusal of one step into a sentence that says what differs and what to do. */
export function explainRefusal({ kind, name, shownKind = kind }: Step, error: Error): TopologyFailure {
  const text = replyText(error.message);
  const thing = kind === "binding" ? `binding ${name}` : `${shownKind} "${name}"`;
  const failure = (code: TopologyFailure["code"], message: string): TopologyFailure => ({ kind, name, code, message });
  const replyCode = (error as { code?: unknown }).code;
  const difference = replyCode === 406 ? parseInequivalence(text) : undefined;
  if (difference !== undefined) return failure("DIFFERS", explainDifference(shownKind, name, difference));
  if (replyCode === 404 && isDown(text)) {
    return failure("DOWN", `${thing} is not up (${text}): the broker, or the node it lives on, is still starting`);
  }
  if (replyCode === 404) {
    return failure("MISSING", `${thing} is missing (${text}): create it, or let Warren declare it`);
  }
  if (replyCode === 403) {
    const permission = kind === "binding" ? "write on the queue and read on the exchange" : "configure";
    return failure("PERMISSION", `${thing} was refused: the user needs the permission to ${permission} (${text})`);
  }
  if (replyCode === 405) {
    const advice = "close that one or choose another name";
    return failure("LOCKED", `${thing} belongs to another connection, exclusively: ${advice}`);
  }
  return failure("REFUSED", `${thing} was refused: ${text}`);
}

/** RabbitMQ answers 404 for a queue that it knows and cannot reach too, in other words than for one that does not exist. */
function isDown(text: string): boolean {
  return /is down or inaccessible|process is stopped by supervisor/i.test(text);
}

/** What a redeclaration found different. An absent side is undefined. */
export interface Inequivalence {
  readonly argument: string;
  readonly received: string | undefined;
  readonly current: string | undefined;
}

/** Reads RabbitMQ's "inequivalent arg 'x' for queue 'q' in vhost '/': received … but current is …", 3.10 to 4.x. */
export function parseInequivalence(text: string): Inequivalence | undefined {
  const match = /inequivalent arg '([^']+)' for .*?: received (.*?),? but current is (.*)$/s.exec(text);
  const [, argument, received, current] = match ?? [];
  if (argument === undefined || received === undefined || current === undefined) return undefined;
  return { argument, received: side(received), current: side(current) };
}

function side(text: string): string | undefined {
  if (/^none\b/.test(text)) return undefined;
  return /'([^']*)'/.exec(text)?.[1] ?? text.trim();
}

/** Arguments that a policy can set on a queue that exists. */
const POLICY_ARGUMENTS = new Set(["x-max-age", "x-max-length-bytes", "x-max-length", "x-message-ttl", "x-expires"]);

function explainDifference(kind: string, name: string, { argument, received, current }: Inequivalence): string {
  const is = current === undefined ? `no ${argument}` : `${argument}=${shown(argument, current)}`;
  const wanted = received === undefined ? `no ${argument}` : shown(argument, received);
  const lost = { exchange: "bindings", stream: "events" }[kind] ?? "messages";
  const policy = POLICY_ARGUMENTS.has(argument) ? "set a policy, " : "";
  return (
    `${kind} "${name}" exists with ${is}, the configuration asks for ${wanted}: ` +
    `change the configuration, ${policy}choose another name, or delete the ${kind} yourself (its ${lost} are lost)`
  );
}

const AGE_UNITS_MS = [
  [86_400_000, "D"],
  [3_600_000, "h"],
  [60_000, "m"],
  [1_000, "s"],
] as const;

/** RabbitMQ 4 names an age in milliseconds, whatever it was declared with: 604800000 for 7D. */
function shown(argument: string, value: string): string {
  if (argument !== "x-max-age" || !/^\d+$/.test(value)) return value;
  const ms = Number(value);
  const unit = AGE_UNITS_MS.find(([unitMs]) => ms % unitMs === 0);
  return unit === undefined ? `${ms} ms` : `${ms / unit[0]}${unit[1]}`;
}

/** amqplib wraps the broker's text: `Operation failed: QueueDeclare; 406 (PRECONDITION-FAILED) with message "…"`. */
function replyText(message: string): string {
  return /with message "(.*)"$/s.exec(message)?.[1]?.replace(/^[A-Z_]+ - /, "") ?? message;
}
