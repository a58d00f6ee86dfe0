import type { Pattern, Topic } from "./topic.ts";

/** Says whether a topic matches; made once from patterns, asked for every event. */
export type TopicMatcher = (topic: Topic) => boolean;

/**
 * Compiles patterns into one matcher that agrees with RabbitMQ's topic exchange, empty words included:
 * `a.#` matches `a`, `#` matches everything, `*` matches the empty word.
 */
export function compilePatterns(patterns: Iterable<Pattern>): TopicMatcher {
  const literal = new Set<Topic>();
  const wild: string[][] = [];
  for (const pattern of patterns) {
    if (pattern === "#") return () => true;
    const words = split(pattern);
    if (words.includes("*") || words.includes("#")) wild.push(words);
    else literal.add(pattern);
  }
  if (wild.length === 0) return (topic) => literal.has(topic);
  return (topic) => {
    if (literal.has(topic)) return true;
    const words = split(topic);
    return wild.some((pattern) => matchWords(pattern, words));
  };
}

/** Whether one pattern matches one topic. Compile instead where the pattern is used more than once. */
export function matches(pattern: Pattern, topic: Topic): boolean {
  return matchWords(split(pattern), split(topic));
}

/**
 * Whether everything `narrow` can match is matched by `wide` too. Errs to false: a `#` in `narrow` is covered only by a
 * `#` in `wide`, which refuses a few exotic pairs (`*.#` does cover `#.a`) and never allows one too many.
 */
export function covers(wide: Pattern, narrow: Pattern): boolean {
  return coversWords(split(wide), split(narrow));
}

function coversWords(wide: readonly string[], narrow: readonly string[]): boolean {
  // reach[n]: whether the words of `wide` so far cover the first n words of `narrow`
  let reach = [true, ...narrow.map(() => false)];
  for (const word of wide) {
    const next = reach.map(() => false);
    for (let n = 0; n <= narrow.length; n++) {
      if (word === "#") next[n] = reach[n] === true || (n > 0 && next[n - 1] === true);
      else if (n > 0 && narrow[n - 1] !== "#" && (word === "*" || word === narrow[n - 1]))
        next[n] = reach[n - 1] === true;
    }
    reach = next;
  }
  return reach[narrow.length] === true;
}

/** The one spelling of a set of patterns: equal sets give equal keys, whatever their order or repeats. */
export function patternsKey(patterns: Iterable<Pattern>): string {
  return [...new Set(patterns)].sort().join(" ");
}

/** RabbitMQ reads an empty routing key as no words at all, and `a..b` as three words, the middle one empty. */
function split(text: string): string[] {
  return text.length === 0 ? [] : text.split(".");
}

/**
 * Greedy match with one point of return, the usual algorithm for glob patterns: linear in most cases,
 * at worst the product of both lengths, so that no pattern can make the gateway hang.
 */
function matchWords(pattern: readonly string[], topic: readonly string[]): boolean {
  let p = 0;
  let t = 0;
  let hash = -1;
  let resume = 0;
  while (t < topic.length) {
    const word = pattern[p];
    if (word === "#") {
      hash = p++;
      resume = t;
    } else if (word !== undefined && (word === "*" || word === topic[t])) {
      p++;
      t++;
    } else if (hash >= 0) {
      p = hash + 1;
      t = ++resume;
    } else {
      return false;
    }
  }
  while (pattern[p] === "#") p++;
  return p === pattern.length;
}
