// Taken out once: in the hot path, and in the sandbox of tests, where every look at a global costs.
const { cos, exp, floor, imul, log, PI, sqrt } = Math;

/**
 * Reproducible randomness: the same seed and path always give the same numbers.
 *
 * Each customer, day and incident has its own path, so what one of them draws never depends on who drew before.
 * The generator is sfc32 (128 bits of state, period above 2^64 for every start); not for secrets.
 *
 * @see Doty-Humphrey, PractRand, for sfc32.
 */
export class Random {
  #a: number;
  #b: number;
  #c: number;
  #counter = 1;

  /** @param path - who draws and for what, for example `(7, 'customer', 12)`; any difference gives other numbers. */
  constructor(...path: readonly (string | number)[]) {
    const hash = hashOf(path.join('/'));
    [this.#a, this.#b, this.#c] = [hash, mix(hash ^ 0x9e3779b9), mix(hash ^ 0x7f4a7c15)];
    // Similar starts need about twelve steps until nothing of the likeness is left.
    for (let step = 0; step < 12; step++) this.#next();
  }

  #next(): number {
    const sum = (this.#a + this.#b + this.#counter) | 0;
    this.#counter = (this.#counter + 1) | 0;
    this.#a = this.#b ^ (this.#b >>> 9);
    this.#b = (this.#c + (this.#c << 3)) | 0;
    this.#c = ((this.#c << 21) | (this.#c >>> 11)) + sum;
    this.#c |= 0;
    return sum >>> 0;
  }

  /** Uniform over [0, 1), in steps of 2^-32. */
  unit(): number {
    return this.#next() / 2 ** 32;
  }

  /** Uniform over [low, high). */
  between(low: number, high: number): number {
    return low + (high - low) * this.unit();
  }

  /** A whole number from low to high, both included. */
  whole(low: number, high: number): number {
    return low + floor(this.unit() * (high - low + 1));
  }

  /** True with the given probability. */
  chance(probability: number): boolean {
    return this.unit() < probability;
  }

  /** Normally distributed (Box and Muller). */
  normal(mean: number, deviation: number): number {
    const radius = sqrt(-2 * log(1 - this.unit()));
    return mean + deviation * radius * cos(2 * PI * this.unit());
  }

  /** Log-normal by its median; `sigma` is the deviation of the logarithm. */
  logNormal(median: number, sigma: number): number {
    return median * exp(this.normal(0, sigma));
  }

  /** Poisson by Knuth's product of uniforms: O(mean), exact for means below about 500. */
  poisson(mean: number): number {
    const floor = exp(-mean);
    let count = 0;
    for (let product = this.unit(); product > floor; product *= this.unit()) count++;
    return count;
  }

  /** One of the items, each as likely. @throws {RangeError} if there is none. */
  pick<T>(items: readonly T[]): T {
    if (items.length === 0) throw new RangeError('nothing to pick from');
    return items[floor(this.unit() * items.length)] as T;
  }

  /** A key of the table, as likely as its weight among all weights. @throws {RangeError} if there is none. */
  weighted<Key extends string>(weights: Readonly<Record<Key, number>>): Key {
    let sum = 0;
    for (const key in weights) sum += weights[key];
    let left = this.unit() * sum;
    let last: Key | undefined;
    for (const key in weights) {
      last = key;
      left -= weights[key];
      if (left < 0) break;
    }
    if (last === undefined) throw new RangeError('nothing to choose from');
    return last;
  }
}

/** Draws from many items by weight in O(log n); made once, used often. */
export const weightedPicker = <T>(items: readonly T[], weightOf: (item: T) => number): ((random: Random) => T) => {
  if (items.length === 0) throw new RangeError('nothing to pick from');
  const bounds = new Float64Array(items.length);
  let sum = 0;
  items.forEach((item, index) => {
    sum += weightOf(item);
    bounds[index] = sum;
  });
  return (random) => items[chosen(random.unit(), bounds)] as T;
};

/** Index of the first bound above the drawn share of the whole. */
const chosen = (unit: number, bounds: Float64Array): number => {
  const drawn = unit * bounds[bounds.length - 1]!;
  let [low, high] = [0, bounds.length - 1];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (bounds[middle]! > drawn) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** 32 well-mixed bits of a text (FNV-1a, then MurmurHash3's finaliser). */
export const hashOf = (text: string): number => {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) hash = imul(hash ^ text.charCodeAt(index), 0x01000193);
  return mix(hash);
};

const mix = (bits: number): number => {
  let mixed = bits;
  mixed = imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
};
