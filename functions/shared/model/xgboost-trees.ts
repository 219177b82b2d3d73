import { type Field, field, fieldError, integer, numbers, optional } from './document.ts';
import { CATEGORY_LIMIT, type CategorySplits, type Forest, LEAST_FLOAT32 } from './forest.ts';

/** Categories of all splits together, as 32-bit words: 16 MB. A few sparse ones of 2^24 would fill any memory. */
const MAX_CATEGORY_WORDS = 4 * 1024 * 1024;

/** One tree as its file has it. Nodes that pruning cut off are still there, reached from nowhere. */
interface SourceTree {
  readonly at: Field;
  readonly nodes: number;
  readonly left: ArrayLike<number>;
  readonly right: ArrayLike<number>;
  readonly feature: ArrayLike<number>;
  /** Threshold of a split, value of a leaf. */
  readonly condition: ArrayLike<number>;
  readonly defaultLeft: ArrayLike<number>;
  readonly hessian: ArrayLike<number>;
  /** By node that splits by category. */
  readonly categories: ReadonlyMap<number, Categories>;
}

/** Part of the list of categories: those that go right at one split. */
interface Categories {
  readonly at: Field;
  readonly list: ArrayLike<number>;
  readonly from: number;
  readonly to: number;
}

/** One bit a category, in at most so many words: checked before they are made. */
const bitsOf = ({ at, list, from, to }: Categories, room: number): Uint32Array => {
  let most = -1;
  for (let index = from; index < to; index += 1) {
    const category = list[index]!;
    if (!Number.isInteger(category) || category < 0 || category >= CATEGORY_LIMIT) {
      throw fieldError(at, `holds a category that is not a whole number from 0 to ${CATEGORY_LIMIT - 1}`);
    }
    most = Math.max(most, category);
  }
  const length = Math.ceil((most + 1) / 32);
  if (length > room) throw fieldError(at, 'has too large codes for so many splits', 'number categories from 0');
  const words = new Uint32Array(length);
  for (let index = from; index < to; index += 1) words[list[index]! >>> 5]! |= 1 << (list[index]! & 31);
  return words;
};

const categoriesOf = (tree: Field, nodes: number): ReadonlyMap<number, Categories> => {
  const splits = new Map<number, Categories>();
  const listed = optional(tree, 'categories_nodes');
  const types = optional(tree, 'split_type');
  if (!listed || !types) return splits;

  const ids = numbers(listed);
  const at = field(tree, 'categories');
  const list = numbers(at);
  const starts = numbers(field(tree, 'categories_segments'), ids.length);
  const sizes = numbers(field(tree, 'categories_sizes'), ids.length);
  for (let index = 0; index < ids.length; index += 1) {
    const [id, from, size] = [ids[index]!, starts[index]!, sizes[index]!];
    if (!(Number.isInteger(id) && id >= 0 && id < nodes) || splits.has(id)) throw fieldError(listed, 'names no node');
    if (!(Number.isInteger(from) && Number.isInteger(size) && from >= 0 && size >= 0)) {
      throw fieldError(tree, 'has a segment of categories that is not a range');
    }
    if (from + size > list.length) throw fieldError(at, 'is shorter than its segments say');
    splits.set(id, { at, list, from, to: from + size });
  }

  const kinds = numbers(types, nodes);
  for (let node = 0; node < nodes; node += 1) {
    if (kinds[node] !== 0 && kinds[node] !== 1) throw fieldError(types, 'holds a kind of split other than 0 and 1');
    if ((kinds[node] === 1) !== splits.has(node)) throw fieldError(types, 'and the categories disagree');
  }
  return splits;
};

const sourceOf = (tree: Field): SourceTree => {
  const parameters = field(tree, 'tree_param');
  const nodes = integer(field(parameters, 'num_nodes'), 1, 2 ** 30);
  // 0 until 2.0, 1 since then: one value in each leaf.
  const leafSize = optional(parameters, 'size_leaf_vector');
  if (leafSize && integer(leafSize, 0, 2 ** 30) > 1) {
    throw fieldError(leafSize, 'means leaves with several values', 'train with multi_strategy one_output_per_tree');
  }
  return {
    at: tree,
    nodes,
    left: numbers(field(tree, 'left_children'), nodes),
    right: numbers(field(tree, 'right_children'), nodes),
    feature: numbers(field(tree, 'split_indices'), nodes),
    condition: numbers(field(tree, 'split_conditions'), nodes),
    defaultLeft: numbers(field(tree, 'default_left'), nodes),
    hessian: numbers(field(tree, 'sum_hessian'), nodes),
    categories: categoriesOf(tree, nodes),
  };
};

/** Fills the arrays of a forest tree by tree, each breadth first, so that siblings become neighbours. */
class ForestBuilder {
  readonly #featureCount: number;
  readonly #left: Int32Array;
  readonly #slot: Int32Array;
  readonly #threshold: Float32Array;
  readonly #value: Float32Array;
  readonly #cover: Float32Array;
  readonly #split: Int32Array;
  readonly #roots: number[] = [];
  readonly #depths: number[] = [];
  readonly #starts: number[] = [0];
  readonly #words: Uint32Array[] = [];
  #length = 0;

  constructor(featureCount: number, capacity: number) {
    this.#featureCount = featureCount;
    this.#left = new Int32Array(capacity);
    this.#slot = new Int32Array(capacity);
    this.#threshold = new Float32Array(capacity).fill(Number.NaN);
    this.#value = new Float32Array(capacity);
    this.#cover = new Float32Array(capacity);
    this.#split = new Int32Array(capacity).fill(-1);
  }

  add(tree: SourceTree, weight: number): void {
    const root = this.#length;
    const seen = new Uint8Array(tree.nodes);
    const order = [0];
    let depth = 0;
    // The level ends where the queue ended when the level began.
    for (let next = 0, levelEnd = 1; next < order.length; next += 1) {
      if (next === levelEnd) {
        levelEnd = order.length;
        depth += 1;
      }
      const id = order[next]!;
      if (seen[id] === 1) throw fieldError(tree.at, 'reaches a node twice, so it is not a tree');
      seen[id] = 1;
      const node = root + next;
      this.#cover[node] = tree.hessian[id]!;
      if (this.#isLeaf(tree, id)) {
        this.#addLeaf(tree, id, node, weight);
      } else {
        this.#left[node] = root + order.length;
        this.#addSplit(tree, id, node);
        order.push(tree.left[id]!, tree.right[id]!);
      }
    }
    this.#length += order.length;
    this.#roots.push(root);
    this.#depths.push(depth);
  }

  build(baseMargin: number): Forest {
    const end = this.#length;
    return {
      featureCount: this.#featureCount,
      baseMargin,
      roots: Int32Array.from(this.#roots),
      depths: Int32Array.from(this.#depths),
      left: this.#left.slice(0, end),
      slot: this.#slot.slice(0, end),
      threshold: this.#threshold.slice(0, end),
      value: this.#value.slice(0, end),
      cover: this.#cover.slice(0, end),
      ...(this.#words.length > 0 && { categories: this.#categories(end) }),
    };
  }

  #isLeaf({ at, left, right, nodes }: SourceTree, id: number): boolean {
    if (left[id] === -1 && right[id] === -1) return true;
    for (const child of [left[id]!, right[id]!]) {
      if (!Number.isInteger(child) || child < 0 || child >= nodes) throw fieldError(at, 'has a child outside the tree');
    }
    return false;
  }

  #addLeaf({ at, condition }: SourceTree, id: number, node: number, weight: number): void {
    // XGBoost multiplies float32 by float32 when it predicts; once, here, gives the same.
    const value = Math.fround(Math.fround(condition[id]!) * weight);
    if (!Number.isFinite(value)) throw fieldError(at, 'has a leaf whose value is not finite');
    this.#left[node] = node;
    this.#value[node] = value;
  }

  #addSplit({ at, feature, condition, defaultLeft, categories }: SourceTree, id: number, node: number): void {
    const index = feature[id]!;
    if (!Number.isInteger(index) || index < 0 || index >= this.#featureCount) {
      throw fieldError(at, `splits on a feature outside 0 to ${this.#featureCount - 1}`);
    }
    this.#slot[node] = defaultLeft[id] === 0 ? this.#featureCount + index : index;
    const right = categories.get(id);
    if (right) {
      const end = this.#starts.at(-1)!;
      const words = bitsOf(right, MAX_CATEGORY_WORDS - end);
      this.#split[node] = this.#words.length;
      this.#words.push(words);
      this.#starts.push(end + words.length);
      return;
    }
    const threshold = Math.fround(condition[id]!);
    if (Number.isNaN(threshold)) throw fieldError(at, 'has a threshold that is not a number');
    // All present values go right of -Infinity, but the missing that go left stand at -Infinity too.
    this.#threshold[node] = Math.max(threshold, LEAST_FLOAT32);
  }

  #categories(end: number): CategorySplits {
    const words = new Uint32Array(this.#starts.at(-1)!);
    this.#words.forEach((part, split) => {
      words.set(part, this.#starts[split]!);
    });
    return { split: this.#split.slice(0, end), start: Int32Array.from(this.#starts), words };
  }
}

/**
 * The trees of an XGBoost file as one forest.
 *
 * @param trees - fields of the trees, in the order in which they are added.
 * @param weights - what each tree counts, float32: the `weight_drop` of dart, else 1.
 * @throws {ModelError} if a tree is not one: counts that differ, children outside it or reached twice, features that
 *   the model has not, values that are not numbers.
 */
export const forestOf = (
  trees: readonly Field[],
  weights: ArrayLike<number>,
  featureCount: number,
  baseMargin: number,
): Forest => {
  const sources = trees.map(sourceOf);
  const builder = new ForestBuilder(
    featureCount,
    sources.reduce((sum, { nodes }) => sum + nodes, 0),
  );
  sources.forEach((source, tree) => {
    builder.add(source, Math.fround(weights[tree]!));
  });
  return builder.build(baseMargin);
};
