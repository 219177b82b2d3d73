import { Random } from '../../bin/simulation/random.ts';

/** Shape of the model that inference is measured with: what XGBoost grows on a set of 15 features at depth 6. */
export const REFERENCE = { trees: 200, depth: 6, nodes: 10_302, features: 15 } as const;

/**
 * A model of the reference shape, as XGBoost writes JSON: splits at random features and thresholds, so that rows of
 * standard normal values spread over all leaves. The same for the same seed.
 */
export const referenceModel = (seed: number): string => {
  const { trees, nodes, features } = REFERENCE;
  const splits = (nodes - trees) / 2;
  const random = new Random(seed, 'reference model');
  const grown = Array.from({ length: trees }, (_, id) => {
    const share = Math.floor((splits * (id + 1)) / trees) - Math.floor((splits * id) / trees);
    return treeOf(id, share, random);
  });
  return JSON.stringify({
    learner: {
      attributes: {},
      feature_names: [],
      feature_types: [],
      gradient_booster: {
        model: {
          gbtree_model_param: { num_parallel_tree: '1', num_trees: String(trees), size_leaf_vector: '0' },
          tree_info: new Array<number>(trees).fill(0),
          trees: grown,
        },
        name: 'gbtree',
      },
      learner_model_param: {
        base_score: '5E-1',
        boost_from_average: '1',
        num_class: '0',
        num_feature: String(features),
        num_target: '1',
      },
      objective: { name: 'binary:logistic', reg_loss_param: { scale_pos_weight: '1' } },
    },
    version: [1, 7, 4],
  });
};

/** Standard normal rows one after the other, a twentieth of their values missing. */
export const referenceRows = (count: number, seed: number): Float32Array => {
  const random = new Random(seed, 'reference rows');
  return Float32Array.from({ length: count * REFERENCE.features }, () =>
    random.chance(0.05) ? Number.NaN : random.normal(0, 1),
  );
};

interface Node {
  readonly parent: number;
  readonly depth: number;
  left: number;
}

const NO_PARENT = 2 ** 31 - 1;

const treeOf = (id: number, splits: number, random: Random): object => {
  const nodes = grow(splits, random);
  const of = <Value>(field: (node: Node) => Value): Value[] => nodes.map(field);
  const isSplit = ({ left }: Node): boolean => left >= 0;
  const values = of((node) => Math.fround(random.normal(0, isSplit(node) ? 0.8 : 0.05)));
  return {
    base_weights: values,
    categories: [],
    categories_nodes: [],
    categories_segments: [],
    categories_sizes: [],
    default_left: of(() => Number(random.chance(0.5))),
    id,
    left_children: of(({ left }) => left),
    // XGBoost takes no whole number where it expects a fraction.
    loss_changes: of(() => 1.5),
    parents: of(({ parent }) => parent),
    right_children: of((node) => (isSplit(node) ? node.left + 1 : -1)),
    split_conditions: values,
    split_indices: of((node) => (isSplit(node) ? random.whole(0, REFERENCE.features - 1) : 0)),
    split_type: of(() => 0),
    sum_hessian: of(({ depth }) => 2 ** (REFERENCE.depth - depth) + 0.5),
    tree_param: {
      num_deleted: '0',
      num_feature: String(REFERENCE.features),
      num_nodes: String(nodes.length),
      size_leaf_vector: '0',
    },
  };
};

/** Splits leaves at random, as deep as the reference goes. */
const grow = (splits: number, random: Random): Node[] => {
  const nodes: Node[] = [{ parent: NO_PARENT, depth: 0, left: -1 }];
  const open = [0];
  for (let split = 0; split < splits; split++) {
    const [parent] = open.splice(random.whole(0, open.length - 1), 1);
    const node = nodes[parent!]!;
    node.left = nodes.length;
    const depth = node.depth + 1;
    for (const child of [node.left, node.left + 1]) {
      nodes.push({ parent: parent!, depth, left: -1 });
      if (depth < REFERENCE.depth) open.push(child);
    }
  }
  return nodes;
};
