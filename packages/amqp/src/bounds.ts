/** Throws `TypeError` naming the option and what it may be. */
export function expectWithin(option: string, value: number, least: number, most: number): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  throw new TypeError(`${option}: expected a whole number from ${least} to ${most}, got ${value}`);
}

/** Unit: milliseconds. The longest that a Node timer can wait. */
export const MAX_TIMEOUT_MS = 2 ** 31 - 1;
