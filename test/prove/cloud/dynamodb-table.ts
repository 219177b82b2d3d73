import type { Item } from '#local/dynamodb/values.ts';
import type { TableWiring } from './wiring.ts';

const text = (item: Item, name: string): string => (item[name] as { readonly S: string }).S;

const byteOrder = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0);

interface Partition {
  readonly items: Map<string, Item>;
  /** Sort keys in their order; undefined after a key came or went. */
  order: readonly string[] | undefined;
}

/** Items of one table by their keys, which are texts in all of Assay's tables. */
export class FakeTable {
  readonly wiring: TableWiring;
  readonly #partitions = new Map<string, Partition>();

  constructor(wiring: TableWiring) {
    this.wiring = wiring;
  }

  get(key: Item): Item | undefined {
    const { hash, range } = this.wiring.key;
    return this.#partitions.get(text(key, hash))?.items.get(range === undefined ? '' : text(key, range));
  }

  put(item: Item): void {
    const { hash, range } = this.wiring.key;
    const partition = this.#partitions.get(text(item, hash)) ?? { items: new Map(), order: undefined };
    this.#partitions.set(text(item, hash), partition);
    const sk = range === undefined ? '' : text(item, range);
    if (!partition.items.has(sk)) partition.order = undefined;
    partition.items.set(sk, item);
  }

  delete(key: Item): void {
    const { hash, range } = this.wiring.key;
    const partition = this.#partitions.get(text(key, hash));
    if (!partition) return;
    partition.items.delete(range === undefined ? '' : text(key, range));
    partition.order = undefined;
  }

  /** Items of one partition in the order of their sort keys. */
  *partition(pk: string): Iterable<Item> {
    const partition = this.#partitions.get(pk);
    if (!partition) return;
    // UTF-16 and UTF-8 order differ for astral characters alone, which no key of ours has.
    partition.order ??= [...partition.items.keys()].sort(byteOrder);
    for (const sk of partition.order) yield partition.items.get(sk)!;
  }

  /** Every item, partition by partition. */
  *all(): Iterable<Item> {
    for (const { items } of this.#partitions.values()) yield* items.values();
  }

  get size(): number {
    let size = 0;
    for (const { items } of this.#partitions.values()) size += items.size;
    return size;
  }
}
