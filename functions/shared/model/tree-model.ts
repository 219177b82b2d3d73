import { type Forest, marginFunction } from './forest.ts';
import { sigmoid } from './logit.ts';
import { ModelError } from './model-error.ts';

/** What a model's file says about its features, where it says so. */
export interface FeatureDescription {
  /** Names in order. */
  readonly featureNames?: readonly string[];
  /** Names of the categories by feature, in the order of their codes; undefined where the file has none. */
  readonly featureLevels?: readonly (readonly string[] | undefined)[];
}

/**
 * Gradient-boosted trees that answer a row with log-odds.
 *
 * A row has `featureCount` values in order; NaN is missing. Infinite values are not allowed, as in XGBoost:
 * `encodeRow` never makes one.
 */
export interface TreeModel extends FeatureDescription {
  readonly featureCount: number;
  readonly forest: Forest;
  /** Rounds of boosting that the model uses, and the last one before early stopping, counted from 0. */
  readonly rounds: number;
  readonly bestIteration?: number;
  /** Log-odds of a row, float32. Allocates nothing. */
  predictMargin(row: Float32Array): number;
  /** Probability of a row, from its margin. Allocates nothing. */
  predictProbability(row: Float32Array): number;
  /** Log-odds of many rows that lie one after the other; into `margins` where it is given. */
  predictMargins(rows: Float32Array, margins?: Float32Array): Float32Array;
}

export interface TreeModelDescription extends FeatureDescription {
  readonly rounds: number;
  readonly bestIteration?: number;
}

/** A model over a forest. Its functions throw {@link ModelError} for a row of another length. */
export const createTreeModel = (forest: Forest, description: TreeModelDescription): TreeModel => {
  const { featureCount } = forest;
  const marginOf = marginFunction(forest);

  const predictMargin = (row: Float32Array): number => {
    if (row.length !== featureCount) {
      throw new ModelError(`the row has ${row.length} values where the model takes ${featureCount}; encode its inputs`);
    }
    return marginOf(row);
  };

  const predictMargins = (rows: Float32Array, margins?: Float32Array): Float32Array => {
    const count = rows.length / featureCount;
    const into = margins ?? new Float32Array(Math.ceil(count));
    if (!Number.isInteger(count) || into.length !== count) {
      throw new ModelError(`${rows.length} values are not ${into.length} rows of ${featureCount}; check both lengths`);
    }
    for (let row = 0; row < count; row += 1) {
      into[row] = marginOf(rows.subarray(row * featureCount, (row + 1) * featureCount));
    }
    return into;
  };

  return {
    ...description,
    featureCount,
    forest,
    predictMargin,
    predictProbability: (row) => sigmoid(predictMargin(row)),
    predictMargins,
  };
};
