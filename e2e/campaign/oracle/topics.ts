/**
 * Whether an AMQP topic pattern matches a topic. Written apart from the product's own matcher, so that a fault there
 * cannot hide itself here.
 */
function patternMatches(pattern: string, topic: string): boolean {
  return match(pattern.split("."), topic.split("."));
}

function match(pattern: readonly string[], words: readonly string[]): boolean {
  const [head, ...rest] = pattern;
  if (head === undefined) return words.length === 0;
  if (head === "#") {
    for (let taken = 0; taken <= words.length; taken++) if (match(rest, words.slice(taken))) return true;
    return false;
  }
  const [word, ...others] = words;
  return word !== undefined && (head === "*" || head === word) && match(rest, others);
}

/** Every topic of a campaign has a number, and every set of patterns remembers which of them it matches. */
export class TopicTable {
  readonly #numbers = new Map<string, number>();
  readonly #names: string[] = [];

  numberOf(topic: string): number {
    let number = this.#numbers.get(topic);
    if (number === undefined) {
      number = this.#names.length;
      this.#names.push(topic);
      this.#numbers.set(topic, number);
    }
    return number;
  }

  nameOf(number: number): string {
    return this.#names[number] ?? "?";
  }

  /** A matcher by topic number. */
  matcher(patterns: readonly string[]): (topic: number) => boolean {
    const known: boolean[] = [];
    return (topic) => (known[topic] ??= patterns.some((pattern) => patternMatches(pattern, this.nameOf(topic))));
  }
}
