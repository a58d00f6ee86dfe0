import { z } from "zod";

/** A variable: text in, a value out. `read` answers undefined for text that is none. */
export type Variable<T> = z.ZodType<T, string>;

const DAY_MS = 86_400_000;
const UNIT_MS = new Map([
  ["ms", 1],
  ["s", 1_000],
  ["m", 60_000],
  ["h", 3_600_000],
  ["d", DAY_MS],
]);

/** Describes a variable by what it expects, in the words a fault is reported with: "expected " + `expected`. */
export function variable<T>(expected: string, read: (text: string) => T | undefined): Variable<T> {
  return z.string().transform((text, context) => {
    const value = read(text);
    if (value !== undefined) return value;
    context.addIssue(`expected ${expected}`);
    return z.NEVER;
  });
}

/** A whole number within a range, both ends included. */
export function integer(range: { min: number; max: number }): Variable<number> {
  return variable(`a whole number ${range.min}-${range.max}`, (text) => readInteger(text, range));
}

/** A TCP port to listen on. */
export function port(): Variable<number> {
  return variable("1-65535", (text) => readInteger(text, { min: 1, max: 65_535 }));
}

/** A URL, kept as the text it is. `protocols` without the colon: `["amqp", "amqps"]`. */
export function url(protocols: readonly string[]): Variable<string> {
  const forms = protocols.map((protocol) => `${protocol}://…`).join(" or ");
  return variable(`a URL ${forms}`, (text) => {
    if (!URL.canParse(text)) return undefined;
    const { protocol, hostname } = new URL(text);
    return protocols.includes(protocol.slice(0, -1)) && hostname !== "" ? text : undefined;
  });
}

/** A span of time: a whole number and one of `ms`, `s`, `m`, `h`, `d`. Gives milliseconds. */
export function duration(
  range: { minMs: number; maxMs: number } = { minMs: 0, maxMs: 365 * DAY_MS },
): Variable<number> {
  return variable(`a time such as 500ms, 30s or 5m, ${range.minMs}-${range.maxMs} ms`, (text) => {
    const match = /^(\d{1,15})(ms|s|m|h|d)$/.exec(text);
    const unitMs = UNIT_MS.get(match?.[2] ?? "");
    if (unitMs === undefined) return undefined;
    const ms = Number(match?.[1]) * unitMs;
    return ms >= range.minMs && ms <= range.maxMs ? ms : undefined;
  });
}

/** One of the levels that pino knows. */
export function logLevel(): Variable<LogLevel> {
  return variable(LOG_LEVELS.join(", "), (text) => LOG_LEVELS.find((level) => level === text));
}

export type LogLevel = (typeof LOG_LEVELS)[number];
const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal", "silent"] as const;

function readInteger(text: string, range: { min: number; max: number }): number | undefined {
  if (!/^-?\d{1,16}$/.test(text)) return undefined;
  const value = Number(text);
  return Number.isSafeInteger(value) && value >= range.min && value <= range.max ? value : undefined;
}
