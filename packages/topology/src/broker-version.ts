/** What RabbitMQ says in its `version` server property: `3.10.8`, `4.3.0-rc.1`, `3.13.7+12.gabc`. */
export interface BrokerVersion {
  readonly major: number;
  readonly minor: number;
  readonly patch: number;
}

/** The oldest RabbitMQ that Warren works with. */
export const OLDEST_BROKER = "3.10.0";

/** Undefined for text that is no version. A missing patch is 0; what follows the numbers plays no part. */
export function parseBrokerVersion(text: string): BrokerVersion | undefined {
  const match = /^v?(\d+)\.(\d+)(?:\.(\d+))?(?![\d])/.exec(text.trim());
  if (match === null) return undefined;
  return { major: Number(match[1]), minor: Number(match[2]), patch: Number(match[3] ?? 0) };
}

/**
 * Negative, zero or positive, as `Array.sort` wants it. Pre-releases count as their release, because they have its
 * features; text that is no version comes before every version.
 */
export function compareVersions(a: string, b: string): number {
  const left = parseBrokerVersion(a) ?? NOTHING;
  const right = parseBrokerVersion(b) ?? NOTHING;
  return left.major - right.major || left.minor - right.minor || left.patch - right.patch;
}

const NOTHING: BrokerVersion = { major: -1, minor: 0, patch: 0 };
