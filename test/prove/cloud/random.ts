/** Numbers that look random and are the same for the same seed. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** Whole, from least to most, both included. */
  between(least: number, most: number): number;
  /** True in that share of the cases. A share of 0 draws nothing, so that faults that are off change no other draw. */
  chance(share: number): boolean;
  pick<Item>(items: readonly Item[]): Item;
  /** A generator of its own: what it draws changes no draw here. */
  fork(name: string): Random;
}

const hashOf = (text: string): number => {
  let hash = 2_166_136_261;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 16_777_619);
  return hash >>> 0;
};

/** @see https://gist.github.com/tommyettinger/46a874533244883189143505d203312c for mulberry32, which this is. */
export const randomOf = (seed: number): Random => {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = state;
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
  return {
    next,
    between: (least, most) => least + Math.floor(next() * (most - least + 1)),
    chance: (share) => share > 0 && next() < share,
    pick: (items) => items[Math.floor(next() * items.length)]!,
    fork: (name) => randomOf(hashOf(`${seed}/${name}`)),
  };
};
