import type { TopologyFailure } from "./errors.ts";

/** Turns the broker's refusal of one step into a sentence that says what differs and what to do. */
export function explainRefusal(kind: TopologyFailure["kind"], name: string, error: Error): TopologyFailure {
  const text = replyText(error.message);
  const thing = kind === "binding" ? `binding ${name}` : `${kind} "${name}"`;
  const failure = (code: TopologyFailure["code"], message: string): TopologyFailure => ({ kind, name, code, message });
  switch (replyCode(error)) {
    case 406: {
      const difference = parseInequivalence(text);
      if (difference === undefined) break;
      return failure("DIFFERS", explainDifference(kind, name, difference));
    }
    case 404:
      return failure("MISSING", `${thing} is missing: ${text}; create it, or let Warren declare it`);
    case 403: {
      const permission = kind === "binding" ? "write on the queue and read on the exchange" : "configure";
      return failure("PERMISSION", `${thing} was refused: the user needs the permission to ${permission} (${text})`);
    }
    case 405:
      return failure(
        "LOCKED",
        `${thing} belongs to another connection, exclusively: close that one or choose another name`,
      );
    default:
  }
  return failure("REFUSED", `${thing} was refused: ${text}`);
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

const RETENTION = new Set(["x-max-age", "x-max-length-bytes"]);

function explainDifference(kind: TopologyFailure["kind"], name: string, difference: Inequivalence): string {
  const { argument, received, current } = difference;
  const shown = (value: string | undefined): string =>
    value === undefined ? `no ${argument}` : `${argument}=${value}`;
  const what = `${kind} "${name}" exists with ${shown(current)}, the configuration asks for ${shown(received).replace(`${argument}=`, "")}`;
  if (kind === "exchange")
    return `${what}: change the configuration, choose another name, or delete the exchange yourself (its bindings are lost)`;
  const policy = RETENTION.has(argument) ? "set a policy, " : "";
  return `${what}: change the configuration, ${policy}or delete the queue yourself (its messages are lost)`;
}

function replyCode(error: Error & { code?: number }): number | undefined {
  return error.code;
}

/** amqplib wraps the broker's text: `Operation failed: QueueDeclare; 406 (PRECONDITION-FAILED) with message "…"`. */
function replyText(message: string): string {
  return /with message "(.*)"$/s.exec(message)?.[1]?.replace(/^[A-Z_]+ - /, "") ?? message;
}
