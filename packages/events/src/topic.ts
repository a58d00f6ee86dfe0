/**
 * A topic is an event's AMQP routing key: words joined by dots, at most 255 bytes of UTF-8.
 * A pattern is an AMQP topic pattern over topics: `*` stands for exactly one word, `#` for zero or more.
 */
export type Topic = string;
export type Pattern = string;

/** AMQP carries routing keys as short strings: one length byte. Unit: bytes of UTF-8. */
export const MAX_TOPIC_BYTES = 255;

/** The length of `text` in UTF-8 bytes, without a copy of it: works in browsers and in Node. */
export function utf8Length(text: string): number {
  let bytes = 0;
  for (const character of text) {
    const code = character.codePointAt(0)!;
    bytes += code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x1_0000 ? 3 : 4;
  }
  return bytes;
}

/** Why `value` cannot be a topic that Warren publishes, or undefined when it can. */
export function topicFault(value: unknown): string | undefined {
  if (typeof value !== "string") return `expected a topic, got ${typeof value}`;
  if (value.length === 0) return "expected a topic, got an empty string";
  if (!value.isWellFormed()) return "expected a topic, got text that is not Unicode";
  if (utf8Length(value) > MAX_TOPIC_BYTES)
    return `expected a topic of at most ${MAX_TOPIC_BYTES} bytes, got ${utf8Length(value)}`;
  return undefined;
}

/** Why `value` cannot be a pattern, or undefined when it can. `*` and `#` are wildcards only as whole words. */
export function patternFault(value: unknown): string | undefined {
  if (typeof value !== "string") return `expected a pattern, got ${value === null ? "null" : typeof value}`;
  if (value.length === 0) return "expected a pattern, got an empty string";
  if (!value.isWellFormed()) return "expected a pattern, got text that is not Unicode";
  if (utf8Length(value) > MAX_TOPIC_BYTES)
    return `expected a pattern of at most ${MAX_TOPIC_BYTES} bytes, got ${utf8Length(value)}`;
  const word = value.split(".").find((word) => word.length > 1 && /[*#]/.test(word));
  if (word !== undefined) return `"${word}" in "${value}": * and # stand for whole words`;
  return undefined;
}

/** Makes any text safe as one topic word: lower case, and nothing in it that separates words or looks like a wildcard. */
export function topicWord(text: string): string {
  const word = text.toLowerCase().replaceAll(/[^\p{L}\p{N}_-]+/gu, "-");
  return word.length === 0 ? "-" : word;
}
