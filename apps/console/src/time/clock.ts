const DAY_MS = 24 * 60 * 60 * 1000;

const time = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hourCycle: "h23",
});
const dayAndTime = new Intl.DateTimeFormat(undefined, {
  day: "numeric",
  month: "short",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const whole = new Intl.DateTimeFormat(undefined, { dateStyle: "full", timeStyle: "long" });

/** The reader's own zone, as the browser names it: `Europe/Berlin`. */
export const zone = time.resolvedOptions().timeZone;

/** `10:32:05` today, `20 Nov, 10:32` before. Unit of `at`: milliseconds since the epoch. */
export function clock(at: number, now = Date.now()): string {
  const today = new Date(now).setHours(0, 0, 0, 0);
  return at >= today && at < today + DAY_MS ? time.format(at) : dayAndTime.format(at);
}

export function wholeTime(at: number): string {
  return whole.format(at);
}

/** For the `datetime` attribute. */
export function machineTime(at: number): string {
  return new Date(at).toISOString();
}
