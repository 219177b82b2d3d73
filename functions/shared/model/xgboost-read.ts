import {
  type Field,
  field,
  fieldAt,
  fieldError,
  integer,
  items,
  numbers,
  optional,
  readDocument,
  text,
} from './document.ts';
import { ModelError } from './model-error.ts';
import { createTreeModel, type TreeModel } from './tree-model.ts';
import { featureLevelsOf } from './xgboost-categories.ts';
import { forestOf } from './xgboost-trees.ts';

export type { TreeModel } from './tree-model.ts';

export interface XgboostOptions {
  /**
   * Which rounds count: `all`, as `Booster.predict` does, or those up to `best_iteration`, as the scikit-learn
   * interface does after early stopping.
   * @default 'all'
   */
  readonly rounds?: 'all' | 'best';
}

/** Objectives whose margin is the log-odds of one probability. */
const OBJECTIVES: ReadonlySet<string> = new Set(['binary:logistic', 'reg:logistic', 'binary:logitraw']);

const checkVersion = (root: Field): void => {
  const at = field(root, 'version');
  const [major = -1, minor = -1] = Array.from(numbers(at, 3));
  if (major < 1 || (major === 1 && minor < 7)) {
    throw fieldError(at, `says XGBoost ${major}.${minor}, older than 1.7`, 'load it in 1.7 or later and save it again');
  }
  if (!(major <= 3))
    throw fieldError(at, `says XGBoost ${major}.${minor}, unknown here`, 'save it with XGBoost 1.7 to 3.x');
};

const checkObjective = (learner: Field, parameters: Field): string => {
  const objective = text(fieldAt(learner, 'objective', 'name'));
  const classes = optional(parameters, 'num_class');
  const targets = optional(parameters, 'num_target');
  if (objective.startsWith('multi:') || (classes && integer(classes, 0, 2 ** 30) > 1)) {
    throw new ModelError(
      `the model has several classes (objective '${objective}'); train one with objective binary:logistic`,
    );
  }
  if (targets && integer(targets, 0, 2 ** 30) > 1) {
    throw new ModelError('the model has several targets; train one for each, with objective binary:logistic');
  }
  if (!OBJECTIVES.has(objective)) {
    throw new ModelError(
      `the model's objective '${objective}' gives no probability; train with objective binary:logistic`,
    );
  }
  return objective;
};

/** What differs between the boosters and where versions keep it: the trees, and what each tree counts. */
interface Booster {
  readonly model: Field;
  readonly weights?: ArrayLike<number>;
}

/**
 * gbtree: `model`. dart until 3.2: `gbtree.model` with `weight_drop` beside it; later ones call dart gbtree and keep
 * `weight_drop` beside or within `model`.
 */
const boosterOf = (learner: Field): Booster => {
  const booster = field(learner, 'gradient_booster');
  const name = text(field(booster, 'name'));
  if (name !== 'gbtree' && name !== 'dart') {
    throw new ModelError(`the model's booster '${name}' has no trees; train with booster gbtree or dart`);
  }
  const nested = name === 'dart' ? optional(booster, 'gbtree') : undefined;
  const model = field(nested ?? booster, 'model');
  const weights = optional(booster, 'weight_drop') ?? optional(model, 'weight_drop');
  if (!weights) {
    if (name === 'dart') throw fieldError(booster, "is dart without its 'weight_drop'");
    return { model };
  }
  const list = numbers(weights);
  return list.length === 0 && name === 'gbtree' ? { model } : { model, weights: list };
};

/** Trees by their id, which is their order; files list them in any. */
const treesOf = (model: Field): readonly Field[] => {
  const listed = items(field(model, 'trees'));
  const count = integer(fieldAt(model, 'gbtree_model_param', 'num_trees'), 0, 2 ** 30);
  if (listed.length !== count) throw fieldError(model, `has ${listed.length} trees where num_trees says ${count}`);
  if (count === 0) throw fieldError(model, 'has no trees', 'train it before you save it');
  const groups = field(model, 'tree_info');
  if (Array.from(numbers(groups, count)).some((group) => group !== 0)) {
    throw fieldError(groups, 'names more than one output', 'train with objective binary:logistic');
  }
  const trees: Field[] = [];
  for (const tree of listed) {
    const id = integer(field(tree, 'id'), 0, count - 1);
    if (trees[id]) throw fieldError(tree, 'has the id of another tree');
    trees[id] = tree;
  }
  return trees;
};

/** Trees after each round: 0, then one number a round. Files before 2.0 say only how many trees a round has. */
const roundEndsOf = (model: Field, trees: number): readonly number[] => {
  const listed = optional(model, 'iteration_indptr');
  const ends = listed ? Array.from(numbers(listed)) : evenEndsOf(model, trees);
  const rising = ends.every(
    (end, index) => Number.isInteger(end) && (index === 0 ? end === 0 : end >= ends[index - 1]!),
  );
  if (!rising || ends.at(-1) !== trees) throw fieldError(listed ?? model, 'has rounds that do not add up to its trees');
  return ends;
};

const evenEndsOf = (model: Field, trees: number): readonly number[] => {
  const parallel = optional(field(model, 'gbtree_model_param'), 'num_parallel_tree');
  const width = parallel ? Math.max(1, integer(parallel, 0, 2 ** 30)) : 1;
  return Array.from({ length: Math.floor(trees / width) + 1 }, (_, round) => round * width);
};

/** The round that early stopping found best. A model cut to fewer rounds may still name one it has no more. */
const bestIterationOf = (learner: Field, rounds: number): number | undefined => {
  const attributes = optional(learner, 'attributes');
  const named = attributes && optional(attributes, 'best_iteration');
  const best = named && integer(named, 0, 2 ** 30);
  return best !== undefined && best < rounds ? best : undefined;
};

/** `"5E-1"` until 3.0, `"[5E-1]"` since 3.1, one number either way; float32. */
const baseScoreOf = (parameters: Field): number => {
  const at = field(parameters, 'base_score');
  const written = typeof at.value === 'number' ? String(at.value) : text(at);
  const number = /^\s*(?:\[\s*)?([+-]?[\d.]+(?:[eE][+-]?\d+)?)(?:\s*\])?\s*$/.exec(written)?.[1];
  const score = Math.fround(Number(number ?? Number.NaN));
  if (!Number.isFinite(score)) throw fieldError(at, 'is not one finite number');
  return score;
};

/**
 * Log-odds before the first tree. `base_score` is a probability, except for binary:logitraw, which keeps the margin
 * itself. In float32 and in XGBoost's order, so that the last bit agrees.
 */
const baseMarginOf = (parameters: Field, objective: string): number => {
  const score = baseScoreOf(parameters);
  if (objective === 'binary:logitraw') return score;
  if (!(score > 0 && score < 1)) throw fieldError(field(parameters, 'base_score'), 'is not between 0 and 1');
  return Math.fround(-Math.log(Math.fround(Math.fround(1 / score) - 1)));
};

const featureNamesOf = (learner: Field, featureCount: number): readonly string[] | undefined => {
  const at = optional(learner, 'feature_names');
  const names = at ? items(at).map(text) : [];
  if (at && names.length > 0 && names.length !== featureCount) {
    throw fieldError(at, `has ${names.length} names where num_feature says ${featureCount}`);
  }
  return names.length > 0 ? names : undefined;
};

/**
 * Reads a model that XGBoost 1.7 to 3.x saved with `save_model`, as JSON or UBJSON.
 *
 * Boosters gbtree and dart; objectives binary:logistic, reg:logistic and binary:logitraw (whose margin is the
 * log-odds, so that it has a probability here too). Missing values, default directions, splits by category, parallel
 * trees and dropout weights are as in XGBoost, and so are margins, to the last bits of float32. O(bytes).
 *
 * @throws {ModelError} for any other booster, objective, version or format, and for a file that is cut short or
 *   contradicts itself.
 * @see https://xgboost.readthedocs.io/en/stable/tutorials/saving_model.html
 */
export const readXgboost = (bytes: Uint8Array, { rounds = 'all' }: XgboostOptions = {}): TreeModel => {
  const root = readDocument(bytes);
  if (optional(root, 'Model') && optional(root, 'Config')) {
    throw new ModelError('the file is a memory snapshot of XGBoost; save the model with save_model instead');
  }
  checkVersion(root);
  const learner = field(root, 'learner');
  const parameters = field(learner, 'learner_model_param');
  const { model, weights } = boosterOf(learner);
  const objective = checkObjective(learner, parameters);
  const featureCount = integer(field(parameters, 'num_feature'), 1, 2 ** 20);

  const trees = treesOf(model);
  if (weights && weights.length !== trees.length) {
    throw fieldError(model, `has ${trees.length} trees but weight_drop ${weights.length} weights`);
  }
  const ends = roundEndsOf(model, trees.length);
  const bestIteration = bestIterationOf(learner, ends.length - 1);
  if (rounds === 'best' && bestIteration === undefined) {
    throw fieldError(learner, 'names no best_iteration that it has', "use rounds 'all'");
  }
  const used = rounds === 'best' ? bestIteration! + 1 : ends.length - 1;

  const forest = forestOf(
    trees.slice(0, ends[used]),
    weights ?? new Float32Array(trees.length).fill(1),
    featureCount,
    baseMarginOf(parameters, objective),
  );
  const featureNames = featureNamesOf(learner, featureCount);
  const featureLevels = featureLevelsOf(model, featureCount);
  return createTreeModel(forest, {
    rounds: used,
    ...(bestIteration !== undefined && { bestIteration }),
    ...(featureNames && { featureNames }),
    ...(featureLevels && { featureLevels }),
  });
};
