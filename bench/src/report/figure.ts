/** One line of a table: what came out, and whether it is what it is to be. */
export interface Figure {
  readonly what: string;
  /** By contender, as text. */
  readonly values: Readonly<Record<string, string>>;
  /** What is wanted, in words; none for a line that only informs. */
  readonly goal?: string;
  readonly reached?: boolean;
  /** The number that the goal is about. */
  readonly measured?: string;
}

/** What one scenario has found. */
export interface Outcome {
  readonly title: string;
  readonly figures: readonly Figure[];
  /** What a reader of the figures must know. */
  readonly notes: readonly string[];
}

export function ms(value: number): string {
  return value >= 1000 ? `${(value / 1000).toFixed(2)} s` : `${value.toFixed(value < 10 ? 1 : 0)} ms`;
}

/** Unit of `value`: microseconds. */
export function micros(value: number): string {
  return value >= 1000 ? ms(value / 1000) : `${value.toFixed(2)} µs`;
}

export function bytes(value: number): string {
  if (Math.abs(value) >= 1024 ** 2) return `${(value / 1024 ** 2).toFixed(1)} MiB`;
  return Math.abs(value) >= 1024 ? `${(value / 1024).toFixed(2)} kB` : `${value.toFixed(0)} B`;
}

export function ratio(value: number): string {
  return `${value.toFixed(value < 1 ? 3 : 2)}×`;
}
