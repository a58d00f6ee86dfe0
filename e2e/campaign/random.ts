/** Seeded randomness: the same seed gives the same campaign, as far as a machine under load can repeat one. */
export interface Random {
  /** At least 0, less than 1. */
  next(): number;
  /** Whole, from `least` up to and including `most`. */
  integer(least: number, most: number): number;
  pick<T>(from: readonly T[]): T;
  /** Up to `count` different ones, in random order. */
  sample<T>(from: readonly T[], count: number): T[];
  shuffle<T>(list: readonly T[]): T[];
  chance(probability: number): boolean;
  /** A stream of its own, so that what one part draws does not shift another's. */
  fork(name: string): Random;
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  // mulberry32
  const next = (): number => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  const integer = (least: number, most: number): number => least + Math.floor(next() * (most - least + 1));
  const shuffle = <T>(list: readonly T[]): T[] => {
    const shuffled = [...list];
    for (let last = shuffled.length - 1; last > 0; last--) {
      const other = integer(0, last);
      [shuffled[last], shuffled[other]] = [shuffled[other]!, shuffled[last]!];
    }
    return shuffled;
  };
  return {
    next,
    integer,
    shuffle,
    pick: (from) => from[integer(0, from.length - 1)]!,
    sample: (from, count) => shuffle(from).slice(0, count),
    chance: (probability) => next() < probability,
    fork: (name) => createRandom(hash(`${seed} ${name}`)),
  };
}

/** FNV-1a */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return value >>> 0;
}
