import * as z from "zod";

const SIZE = /^(\d+)(B|KiB|MiB|GiB|TiB)$/;
const SIZE_UNITS: Readonly<Record<string, number>> = {
  B: 1,
  KiB: 1024,
  MiB: 1024 ** 2,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** A size in the file (`16MiB`), bytes in the program. Plain numbers are refused: a size without a unit is a guess. */
export const size = z.string().transform((text, context) => {
  const match = SIZE.exec(text);
  const bytes = match === null ? Number.NaN : Number(match[1]) * SIZE_UNITS[match[2]!]!;
  if (Number.isSafeInteger(bytes) && bytes > 0) return bytes;
  context.addIssue({ code: "custom", message: `expected a size like 16MiB, got "${text}"` });
  return z.NEVER;
});

const AGE = /^([1-9]\d*)(s|m|h|d)$/;
const AGE_UNITS: Readonly<Record<string, string>> = { s: "s", m: "m", h: "h", d: "D" };

/** An age in the file (`7d`), RabbitMQ's `x-max-age` form in the program (`7D`): there `m` is minutes and `M` months. */
export const age = z.string().transform((text, context) => {
  const match = AGE.exec(text);
  if (match !== null) return `${match[1]}${AGE_UNITS[match[2]!]}`;
  context.addIssue({ code: "custom", message: `expected an age like 90s, 15m, 12h or 7d, got "${text}"` });
  return z.NEVER;
});

const MS_UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** A span of time in the file (`2m`), milliseconds in the program. */
export const durationMs = z.string().transform((text, context) => {
  const match = AGE.exec(text);
  if (match !== null) return Number(match[1]) * MS_UNITS[match[2]!]!;
  context.addIssue({ code: "custom", message: `expected a time like 90s, 15m, 12h or 7d, got "${text}"` });
  return z.NEVER;
});
