const NONE = -1;

/**
 * Numbers for the keys of live entities, from 0: those of entities that are gone are given again. Looking the same key
 * up again and again costs one comparison.
 */
export class Entities {
  readonly #numbers = new Map<string, number>();
  readonly #keys: (string | undefined)[] = [];
  readonly #free: number[] = [];
  #lastKey: string | undefined;
  #lastNumber = NONE;

  /** How many numbers were ever given out: all are below it. */
  get reach(): number {
    return this.#keys.length;
  }

  /** How many entities are live. */
  get size(): number {
    return this.#numbers.size;
  }

  /** The number of a key; -1 when it is not live. */
  find(key: string): number {
    if (key === this.#lastKey) return this.#lastNumber;
    this.#lastKey = key;
    this.#lastNumber = this.#numbers.get(key) ?? NONE;
    return this.#lastNumber;
  }

  /** Gives a number to a key that has none. */
  add(key: string): number {
    const number = this.#free.pop() ?? this.#keys.length;
    this.#numbers.set(key, number);
    this.#keys[number] = key;
    this.#lastKey = key;
    this.#lastNumber = number;
    return number;
  }

  remove(number: number): void {
    this.#numbers.delete(this.#keys[number]!);
    this.#keys[number] = undefined;
    this.#free.push(number);
    this.#lastKey = undefined;
  }
}

/**
 * Records of one shape by number, each a few integers and doubles beside each other, since they are read together:
 * whoever uses them waits for memory more than for anything else.
 */
export class Records {
  /** All records. @see {@link stride} */
  doubles = new Float64Array(0);
  /** The same memory as integers of 32 bits: two for each double. */
  ints = new Int32Array(0);
  #stride = 0;

  /** Doubles of one record. */
  get stride(): number {
    return this.#stride;
  }

  /** Where in a record the next so many doubles are. To be called before there is any record. */
  claim(doubles: number): number {
    this.#stride += doubles;
    return this.#stride - doubles;
  }

  /** Makes room for a record. */
  reserve(number: number): void {
    if (this.doubles.length >= (number + 1) * this.#stride) return;
    this.doubles = grown(this.doubles, (number + 1) * this.#stride);
    this.ints = new Int32Array(this.doubles.buffer);
  }
}

/** An array at least so long, with what is in it: half as long again as it has to be, at least. */
export const grown = <T extends Float64Array | Int32Array | Uint32Array | Uint8Array>(array: T, length: number): T => {
  if (array.length >= length) return array;
  const longer = new (array.constructor as new (length: number) => T)(Math.ceil(length * 1.5) + 64);
  longer.set(array as never);
  return longer;
};
