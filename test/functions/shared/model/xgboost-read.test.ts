import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { ModelError } from '#model/model-error.ts';
import { readXgboost } from '#model/xgboost-read.ts';
import { fixture } from './fixtures.ts';

const parsed = (name: string): ModelDocument =>
  JSON.parse(new TextDecoder().decode(fixture(`${name}.json`)).replace(/\bNaN\b/g, '"NaN"'));
const bytesOf = (document: unknown): Uint8Array =>
  new TextEncoder().encode(JSON.stringify(document).replaceAll('"NaN"', 'NaN'));

interface TreeDocument
  extends Record<'left_children' | 'right_children' | 'split_conditions' | 'split_indices' | 'split_type', unknown[]>,
    Record<'categories' | 'categories_nodes' | 'categories_segments' | 'categories_sizes', unknown[]> {
  id: number;
  default_left: unknown;
  tree_param: Record<string, string>;
}
interface CatsDocument {
  enc: { type?: number; offsets?: number[]; values: number[] }[];
}
interface TreesDocument {
  trees: TreeDocument[];
  tree_info: number[];
  gbtree_model_param: Record<string, string>;
  iteration_indptr?: number[];
  cats?: CatsDocument;
}
/** What the tests change of a model file. */
interface ModelDocument {
  version: number[];
  learner: {
    attributes: Record<string, string>;
    feature_names: string[];
    learner_model_param: Record<string, string>;
    gradient_booster: { model: TreesDocument; gbtree?: { model: TreesDocument }; weight_drop?: number[] };
  };
}

/** The error of a model that is changed before it is read. */
const errorOf = (change: (model: ModelDocument) => unknown, name = 'depthwise'): unknown => {
  const model = parsed(name);
  change(model);
  try {
    readXgboost(bytesOf(model));
  } catch (error) {
    return error;
  }
  return undefined;
};
const treeOf = (model: ModelDocument, tree = 0): TreeDocument => model.learner.gradient_booster.model.trees[tree]!;

describe('what is not supported is refused by name', () => {
  test.each([
    ['refused-gblinear.json', "the model's booster 'gblinear' has no trees; train with booster gbtree or dart"],
    ['refused-multi.json', "several classes (objective 'multi:softprob'); train one with objective binary:logistic"],
    ['refused-squared.json', "objective 'reg:squarederror' gives no probability; train with objective binary:logistic"],
    [
      'refused-legacy.model',
      "XGBoost's legacy binary format, which is not read here; save it as .ubj or .json with save_model of XGBoost 1.7 or later",
    ],
    ['refused-snapshot.bin', 'memory snapshot of XGBoost; save the model with save_model'],
  ])('%s', (file, message) => {
    const read = () => readXgboost(fixture(file));

    expect(read).toThrow(ModelError);
    expect(read).toThrow(message);
  });

  test.each([
    ['nothing', [], 'is empty'],
    ['a pickle', [0x80, 4, 0x95, 0], 'a Python pickle'],
    ['a gzip file', [0x1f, 0x8b, 8, 0], 'compressed with gzip'],
    ['the configuration of old snapshots', [...new TextEncoder().encode('CONFIG-offset:0')], 'a memory snapshot'],
    ['text', [...new TextEncoder().encode('booster[0]: 0:[f0<1]')], 'neither JSON nor UBJSON'],
    ['a JSON list', [...new TextEncoder().encode('[{}]')], 'neither JSON nor UBJSON'],
    ['zeros', [0, 0, 0, 0], 'neither JSON nor UBJSON'],
  ])('%s', (_, bytes, message) => {
    expect(() => readXgboost(Uint8Array.from(bytes))).toThrow(message);
  });
});

describe('a file that contradicts itself is refused, with the field at fault', () => {
  test.each<[string, (model: ModelDocument) => unknown, string]>([
    ['no learner', (m) => Reflect.deleteProperty(m, 'learner'), "'its root' has no 'learner'"],
    ['no version', (m) => Reflect.deleteProperty(m, 'version'), "has no 'version'"],
    ['version 1.6', (m) => (m.version = [1, 6, 2]), 'older than 1.7; load it in 1.7 or later and save it again'],
    ['version 4', (m) => (m.version = [4, 0, 0]), 'XGBoost 4.0, unknown here; save it with XGBoost 1.7 to 3.x'],
    ['no features', (m) => (m.learner.learner_model_param.num_feature = '0'), 'num_feature'],
    ['too few features', (m) => (m.learner.learner_model_param.num_feature = '1'), 'feature outside 0 to 0'],
    ['names of other features', (m) => m.learner.feature_names.pop(), '5 names where num_feature says 6'],
    ['two targets', (m) => (m.learner.learner_model_param.num_target = '2'), 'several targets'],
    ['three classes', (m) => (m.learner.learner_model_param.num_class = '3'), 'several classes'],
    ['base_score 1', (m) => (m.learner.learner_model_param.base_score = '1E0'), "base_score' is not between 0 and 1"],
    [
      'base_score NaN',
      (m) => (m.learner.learner_model_param.base_score = 'nan'),
      "base_score' is not one finite number",
    ],
    ['two base scores', (m) => (m.learner.learner_model_param.base_score = '[5E-1,5E-1]'), 'is not one finite number'],
    ['num_trees', (m) => (m.learner.gradient_booster.model.gbtree_model_param.num_trees = '9'), 'num_trees says 9'],
    [
      'no trees',
      (m) => {
        m.learner.gradient_booster.model.trees = [];
        m.learner.gradient_booster.model.gbtree_model_param.num_trees = '0';
      },
      'has no trees; train it before you save it',
    ],
    ['tree_info', (m) => (m.learner.gradient_booster.model.tree_info[3] = 1), 'more than one output'],
    ['an id twice', (m) => (treeOf(m, 1).id = 0), 'has the id of another tree'],
    ['num_nodes', (m) => (treeOf(m).tree_param.num_nodes = '3'), "trees[0].left_children' has"],
    ['num_nodes as text', (m) => (treeOf(m).tree_param.num_nodes = 'many'), 'is not a whole number'],
    [
      'vector leaves',
      (m) => (treeOf(m).tree_param.size_leaf_vector = '3'),
      'leaves with several values; train with multi_strategy',
    ],
    ['a child too far', (m) => (treeOf(m).left_children[0] = 9_999), 'has a child outside the tree'],
    ['a negative child', (m) => (treeOf(m).right_children[0] = -7), 'has a child outside the tree'],
    ['one child alone', (m) => (treeOf(m).right_children[0] = -1), 'has a child outside the tree'],
    ['a cycle', (m) => (treeOf(m).left_children[1] = 0), 'reaches a node twice'],
    ['a shared child', (m) => (treeOf(m).right_children[0] = treeOf(m).left_children[0]), 'reaches a node twice'],
    [
      'a threshold that is not a number',
      (m) => (treeOf(m).split_conditions[0] = 'NaN'),
      'has a threshold that is not a number',
    ],
    [
      'an infinite leaf',
      (m) => (treeOf(m).split_conditions = treeOf(m).split_conditions.map(() => 1e39)),
      'leaf whose value is not finite',
    ],
    ['text among numbers', (m) => (treeOf(m).split_indices[0] = '0'), 'holds something that is not a number'],
    ['a fraction of a feature', (m) => (treeOf(m).split_indices[0] = 0.5), 'splits on a feature outside'],
    ['an object as a list', (m) => (treeOf(m).default_left = {}), 'is not an array'],
    ['rounds', (m) => (m.learner.gradient_booster.model.iteration_indptr = [0, 5]), 'rounds that do not add up'],
  ])('%s', (_, change, message) => {
    const error = errorOf(change);

    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toContain(message);
  });

  test.each<[string, (model: ModelDocument) => unknown, string]>([
    ['a category below 0', (m) => (treeOf(m).categories[0] = -1), 'not a whole number from 0'],
    ['a category too large', (m) => (treeOf(m).categories[0] = 16_777_216), 'not a whole number from 0'],
    ['a segment beyond the end', (m) => (treeOf(m).categories_sizes[0] = 999), 'shorter than its segments say'],
    ['a negative segment', (m) => (treeOf(m).categories_segments[0] = -1), 'is not a range'],
    ['a node that is not there', (m) => (treeOf(m).categories_nodes[0] = 999), 'names no node'],
    ['a split without categories', (m) => (treeOf(m).split_type = treeOf(m).split_type.map(() => 1)), 'disagree'],
    ['categories without a split', (m) => (treeOf(m).split_type = treeOf(m).split_type.map(() => 0)), 'disagree'],
    ['another kind of split', (m) => (treeOf(m).split_type[0] = 2), 'other than 0 and 1'],
  ])('%s', (_, change, message) => {
    const error = errorOf(change, 'partition');

    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toContain(message);
  });

  test('sparse categories that would fill the memory', () => {
    const error = errorOf((model) => {
      for (const tree of model.learner.gradient_booster.model.trees) tree.categories.fill(16_777_215);
    }, 'partition');

    expect(error).toBeInstanceOf(ModelError);
    expect(String(error)).toContain('too large codes for so many splits; number categories from 0');
  });

  test('too few dropout weights', () => {
    const error = errorOf((model) => model.learner.gradient_booster.weight_drop!.pop(), 'dart');

    expect(String(error)).toContain('has 9 trees but weight_drop 8 weights');
  });

  test('dart without dropout weights', () => {
    const error = errorOf((model) => Reflect.deleteProperty(model.learner.gradient_booster, 'weight_drop'), 'dart');

    expect(String(error)).toContain("dart without its 'weight_drop'");
  });

  test('fields that only a prototype has do not count', () => {
    const text = new TextDecoder().decode(fixture('depthwise.json'));

    const read = () => readXgboost(new TextEncoder().encode(text.replace('"learner":', '"__proto__":')));

    expect(read).toThrow("has no 'learner'");
  });
});

test('weight_drop beside the trees of a booster named gbtree counts too', () => {
  const model = parsed('dart');
  const { gbtree, weight_drop } = model.learner.gradient_booster;
  const moved = {
    ...model,
    learner: { ...model.learner, gradient_booster: { name: 'gbtree', model: gbtree!.model, weight_drop } },
  };

  expect(readXgboost(bytesOf(moved)).forest).toEqual(readXgboost(fixture('dart.json')).forest);
});

test('white space and a byte order mark may come first', () => {
  const file = fixture('depthwise.json');

  for (const head of [
    [0xef, 0xbb, 0xbf],
    [0x20, 0x0a],
    [0xef, 0xbb, 0xbf, 0x0d, 0x0a],
  ]) {
    expect(readXgboost(Uint8Array.from([...head, ...file])).featureCount).toBe(6);
  }
});

test('the best round must be there when it is asked for', () => {
  const model = parsed('depthwise');
  model.learner.attributes.best_iteration = '10';

  expect(readXgboost(bytesOf(model)).bestIteration).toBeUndefined();
  expect(() => readXgboost(bytesOf(model), { rounds: 'best' })).toThrow(
    "names no best_iteration that it has; use rounds 'all'",
  );
});

test.each<[string, (cats: CatsDocument) => unknown, string]>([
  ['offsets beyond the text', (cats) => cats.enc[4]!.offsets!.push(9_999), 'has offsets outside its text'],
  ['features too few', (cats) => cats.enc.pop(), 'has 5 of 6 features'],
])('names of categories with %s are refused', (_, change, message) => {
  expect(String(errorOf((model) => change(model.learner.gradient_booster.model.cats!), 'v3_1'))).toContain(message);
});

test('names of categories that are numbers are their text', () => {
  const model = parsed('v3_1');
  model.learner.gradient_booster.model.cats!.enc[4] = { type: 9, values: [5411, 7995] };

  expect(readXgboost(bytesOf(model)).featureLevels?.[4]).toEqual(['5411', '7995']);
});

test('trees are added in the order of their ids, whatever their order in the file', () => {
  const model = parsed('depthwise');
  model.learner.gradient_booster.model.trees.reverse();

  expect(readXgboost(bytesOf(model)).forest).toEqual(readXgboost(fixture('depthwise.json')).forest);
});

test('infinite thresholds separate missing values from all others', () => {
  const model = parsed('depthwise');
  const { trees } = model.learner.gradient_booster.model;
  model.learner.gradient_booster.model.trees = [trees[0]!];
  model.learner.gradient_booster.model.tree_info = [0];
  model.learner.gradient_booster.model.gbtree_model_param.num_trees = '1';
  model.learner.attributes = {};
  const leaf = { left: [1, -1, -1], right: [2, -1, -1] };
  const read = (threshold: string, defaultLeft: number) => {
    Object.assign(trees[0]!, {
      left_children: leaf.left,
      right_children: leaf.right,
      parents: [2147483647, 0, 0],
      split_indices: [0, 0, 0],
      split_type: [0, 0, 0],
      default_left: [defaultLeft, 0, 0],
      sum_hessian: [2, 1, 1],
      split_conditions: [threshold, -1, 1],
      tree_param: { num_nodes: '3', size_leaf_vector: '0', num_feature: '6' },
    });
    const text = JSON.stringify(model).replaceAll(/"(-?Infinity)"/g, '$1');
    const { predictMargin } = readXgboost(new TextEncoder().encode(text));
    const row = (value: number) => Float32Array.of(value, 0, 0, 0, 0, 0);
    return [Number.NaN, -3.4028234663852886e38, 0, 3.4028234663852886e38].map((value) => predictMargin(row(value)));
  };

  expect(read('-Infinity', 1)).toEqual([-1, 1, 1, 1]);
  expect(read('-Infinity', 0)).toEqual([1, 1, 1, 1]);
  expect(read('Infinity', 0)).toEqual([1, -1, -1, -1]);
  expect(read('Infinity', 1)).toEqual([-1, -1, -1, -1]);
});

test('a feature may be called NaN, quotes and all', () => {
  const model = parsed('partition');
  model.learner.feature_names = ['a NaN b', 'say "NaN", -Infinity', 'back\\slash\\', 'NaN', 'Infinity', ''];

  const text = JSON.stringify(model).replaceAll(/(?<=[[,])"NaN"(?=[\],])(?!,"Infinity")/g, 'NaN');

  expect(readXgboost(new TextEncoder().encode(text)).featureNames).toEqual(model.learner.feature_names);
});

describe('broken bytes', () => {
  const files = ['depthwise.json', 'partition.ubj', 'v3_1.ubj', 'dart.ubj'].map((name) => fixture(name));
  const endsAs = (bytes: Uint8Array): string => {
    try {
      readXgboost(bytes);
      return 'read';
    } catch (error) {
      return error instanceof ModelError ? 'refused' : String(error);
    }
  };

  test('a file that is cut short is refused, wherever it ends', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...files),
        fc.nat(999_999).map((millionth) => millionth / 1e6),
        (file, share) => {
          expect(endsAs(file.subarray(0, Math.floor(share * (file.length - 1))))).toBe('refused');
        },
      ),
      { numRuns: 150 },
    );
  });

  test('changed bytes give a model or a clear refusal, and end soon', () => {
    const seen = { read: 0, refused: 0 } as Record<string, number>;
    const place = fc.nat(1_000_000).map((millionth) => millionth / 1e6);
    const edits = fc.array(fc.tuple(place, fc.nat(255)), { minLength: 1, maxLength: 3 });

    fc.assert(
      fc.property(fc.constantFrom(...files), edits, (file, changes) => {
        const bytes = Uint8Array.from(file);
        for (const [at, byte] of changes) bytes[Math.floor(at * (bytes.length - 1))] = byte;
        const end = endsAs(bytes);
        seen[end] = (seen[end] ?? 0) + 1;
      }),
      { numRuns: 400 },
    );

    expect(Object.keys(seen).sort()).toEqual(['read', 'refused']);
    // Neither half may be vacuous.
    expect(Math.min(seen.read!, seen.refused!)).toBeGreaterThan(20);
  });

  test('bytes that never were a model are refused', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 200 }),
        fc.constantFrom([], [0x7b], [0x7b, 0x4c], [0x7b, 0x22]),
        (tail, head) => {
          expect(endsAs(Uint8Array.from([...head, ...tail]))).toBe('refused');
        },
      ),
      { numRuns: 300 },
    );
  });
});
