/** How far two columns differ. */
export class Differences {
  readonly #tolerance: number;
  #rows = 0;
  #equal = 0;
  #sum = 0;
  #greatest = 0;

  /** @param tolerance - up to which values are equal, as one side is written in so many decimals. */
  constructor(tolerance: number) {
    this.#tolerance = tolerance;
  }

  add(left: number, right: number): void {
    const difference = Math.abs(left - right);
    this.#rows += 1;
    this.#sum += difference;
    this.#greatest = Math.max(this.#greatest, difference);
    if (difference <= this.#tolerance) this.#equal += 1;
  }

  get rows(): number {
    return this.#rows;
  }

  /** Rows that are not equal. */
  get unequal(): number {
    return this.#rows - this.#equal;
  }

  /** Share of rows that are equal, mean and greatest difference. */
  get figures() {
    return { equal: this.#equal / this.#rows, mean: this.#sum / this.#rows, greatest: this.#greatest };
  }
}
