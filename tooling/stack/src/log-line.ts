import type { Terminal } from "./terminal.ts";

/** The numbers that pino writes for its levels. */
const LEVELS = new Map([
  [10, "trace"],
  [20, "debug"],
  [30, "info"],
  [40, "warn"],
  [50, "error"],
  [60, "fatal"],
]);

/** Fields that say nothing within a prefixed line of one terminal. */
const SILENT = new Set(["level", "time", "pid", "hostname", "name", "msg", "reqId"]);

/** Unit: characters. What is longer is cut: the terminal shows that something happened, the process's own log shows all. */
const LONGEST_VALUE = 300;

/** A JSON log line of an app as a person reads it: `12:00:01.123 info  listening port=3000`; any other line as it is. */
export function readable(line: string, paint: Terminal["paint"]): string {
  const record = recordIn(line);
  const level = LEVELS.get(Number(record?.["level"]));
  if (record === undefined || level === undefined) return line;
  const severity = Number(record["level"]);
  const name = level.padEnd(5);
  const shown = severity >= 50 ? paint("red", name) : severity >= 40 ? paint("yellow", name) : name;
  const message = text(record["msg"] ?? "");
  const fields = Object.entries(record)
    .filter(([key]) => !SILENT.has(key))
    .map(([key, value]) => [key, severity >= 50 ? text(value) : text(withoutStack(value))] as const)
    .filter(([key, value]) => key !== "err" || !message.includes(value))
    .map(([key, value]) => paint("gray", `${key}=${value}`));
  return [clock(record["time"]), shown, message, ...fields].join(" ");
}

function recordIn(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const record: Record<string, unknown> = JSON.parse(line);
    return record;
  } catch {
    return undefined;
  }
}

function clock(time: unknown): string {
  const date = new Date(typeof time === "number" || typeof time === "string" ? time : Date.now());
  const seconds = `${digits(date.getSeconds(), 2)}.${digits(date.getMilliseconds(), 3)}`;
  return `${digits(date.getHours(), 2)}:${digits(date.getMinutes(), 2)}:${seconds}`;
}

function digits(value: number, count: number): string {
  return String(value).padStart(count, "0");
}

/** Of a warning's error, what it says: where it came from is worth its lines only when something failed. */
function withoutStack(value: unknown): unknown {
  return typeof value === "object" && value !== null && "stack" in value && "message" in value ? value.message : value;
}

/** An error's stack is worth its lines; anything else is worth one. */
function text(value: unknown): string {
  if (typeof value === "object" && value !== null && "stack" in value) return String(value.stack);
  const written = typeof value === "string" ? value : JSON.stringify(value);
  return written.length > LONGEST_VALUE ? `${written.slice(0, LONGEST_VALUE)}…` : written;
}
