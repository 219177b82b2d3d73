import { describe, expect, test } from '@jest/globals';

import { readXgboost } from '#model/xgboost-read.ts';
import { fixture, type Prediction, predictions } from './fixtures.ts';

const all = predictions();
const rowsOf = ({ rows, features }: Prediction): readonly Float32Array[] =>
  Array.from({ length: rows.length / features }, (_, at) => rows.subarray(at * features, (at + 1) * features));

describe.each(all)('$file', (prediction) => {
  const model = readXgboost(fixture(prediction.file));

  test('gives the margins that XGBoost gives, thresholds and their neighbours included', () => {
    const margins = rowsOf(prediction).map((row) => model.predictMargin(row));

    expect(margins.length).toBeGreaterThan(200);
    // Float32 sums in the same order: not even the last bit may differ, but for the logarithm of base_score.
    const worst = margins.reduce((most, margin, at) => Math.max(most, Math.abs(margin - prediction.margins[at]!)), 0);
    expect(worst).toBeLessThanOrEqual(1e-6);
  });

  test('gives the probabilities that XGBoost gives', () => {
    const isRaw = prediction.name === 'logitraw';

    const worst = rowsOf(prediction).reduce((most, row, at) => {
      const expected = isRaw ? 1 / (1 + Math.exp(-prediction.probabilities[at]!)) : prediction.probabilities[at]!;
      return Math.max(most, Math.abs(model.predictProbability(row) - expected));
    }, 0);

    expect(worst).toBeLessThanOrEqual(1e-6);
  });

  test('answers a batch as it answers each row', () => {
    const margins = model.predictMargins(prediction.rows);

    expect(Array.from(margins)).toEqual(rowsOf(prediction).map((row) => model.predictMargin(row)));
  });
});

const stopped = all.filter(({ bestMargins }) => bestMargins !== undefined);

test.each(stopped)(
  '$file uses the rounds up to the best one when asked',
  ({ file, bestIteration, bestMargins, margins, rows }) => {
    const model = readXgboost(fixture(file), { rounds: 'best' });

    expect(model.bestIteration).toBe(bestIteration);
    expect(model.rounds).toBe(bestIteration! + 1);
    expect(bestMargins).not.toEqual(margins);
    const answers = model.predictMargins(rows);
    expect(Math.max(...answers.map((margin, at) => Math.abs(margin - bestMargins![at]!)))).toBeLessThanOrEqual(1e-6);
  },
);

test.each(['depthwise', 'exact', 'dart', 'partition', 'v3_1', 'v3_4-dart'])(
  '%s says the same in JSON and UBJSON',
  (name) => {
    const json = readXgboost(fixture(`${name}.json`));

    const ubjson = readXgboost(fixture(`${name}.ubj`));

    expect(ubjson.forest).toEqual(json.forest);
    expect(ubjson.featureNames).toEqual(json.featureNames);
    expect(ubjson.featureLevels).toEqual(json.featureLevels);
  },
);

test('the fixtures hold what they are for', () => {
  const depths = (name: string): readonly number[] => [...readXgboost(fixture(`${name}.json`)).forest.depths];

  expect(depths('forest')).toHaveLength(12);
  expect(Math.max(...depths('deep'))).toBeGreaterThan(8);
  expect(depths('lossguide')).toHaveLength(5);
  expect(readXgboost(fixture('partition.json')).forest.categories?.split.some((split) => split >= 0)).toBe(true);
  expect(readXgboost(fixture('depthwise.json')).forest.categories).toBeUndefined();
});

test('names of categories come from files of 3.1 and later', () => {
  const levels = readXgboost(fixture('v3_1.ubj')).featureLevels;

  expect(levels?.[0]).toBeUndefined();
  expect(levels?.[4]?.slice(0, 4)).toEqual(['kind 0', 'kind 1', 'kind 2', 'café 3']);
  expect(levels?.[4]).toHaveLength(40);
});

test('a row of another length is refused', () => {
  const model = readXgboost(fixture('depthwise.json'));

  expect(() => model.predictMargin(new Float32Array(5))).toThrow('the row has 5 values where the model takes 6');
  expect(() => model.predictMargins(new Float32Array(13))).toThrow('are not');
  expect(() => model.predictMargins(new Float32Array(12), new Float32Array(3))).toThrow('are not');
});
