/** What is to happen at a time. */
export interface Due {
  readonly dueMs: number;
}

/** What is to happen, the earliest first, as a binary heap: each step costs the logarithm of what waits. */
export class DueQueue<Item extends Due> {
  readonly #items: Item[] = [];

  get size(): number {
    return this.#items.length;
  }

  add(item: Item): void {
    const items = this.#items;
    let at = items.length;
    for (; at > 0; at = parentOf(at)) {
      const parent = items[parentOf(at)]!;
      if (parent.dueMs <= item.dueMs) break;
      items[at] = parent;
    }
    items[at] = item;
  }

  /** Takes the earliest out that is due; undefined when none is. */
  takeDue(nowMs: number): Item | undefined {
    const [first] = this.#items;
    if (!first || first.dueMs > nowMs) return undefined;
    const last = this.#items.pop()!;
    if (this.#items.length > 0) this.#sink(last);
    return first;
  }

  /** Puts an item in at the top. */
  #sink(item: Item): void {
    const items = this.#items;
    let at = 0;
    for (let child = 1; child < items.length; child = 2 * at + 1) {
      const right = items[child + 1];
      if (right && right.dueMs < items[child]!.dueMs) child += 1;
      if (items[child]!.dueMs >= item.dueMs) break;
      items[at] = items[child]!;
      at = child;
    }
    items[at] = item;
  }
}

const parentOf = (at: number): number => (at - 1) >> 1;
