import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';

import { checkInputs, encodeRow, type Input, inputsFingerprint } from '#model/inputs.ts';
import { ModelError } from '#model/model-error.ts';
import { readXgboost } from '#model/xgboost-read.ts';
import { fixture } from './fixtures.ts';

const amount: Input = { name: 'amount', kind: 'number' };
const isNew: Input = { name: 'is_new', kind: 'boolean' };
const kind: Input = { name: 'kind', kind: 'category', levels: ['card', 'wallet', '5411'] };

describe('a row', () => {
  test.each([
    { input: amount, value: 12.5, encoded: 12.5 },
    { input: amount, value: 0.1, encoded: Math.fround(0.1) },
    { input: amount, value: -0, encoded: -0 },
    { input: amount, value: true, encoded: 1 },
    { input: amount, value: 1e300, encoded: 3.4028234663852886e38 },
    { input: amount, value: -1e300, encoded: -3.4028234663852886e38 },
    { input: amount, value: Number.POSITIVE_INFINITY, encoded: Number.NaN },
    { input: amount, value: Number.NaN, encoded: Number.NaN },
    { input: amount, value: '12.5', encoded: Number.NaN },
    { input: amount, value: null, encoded: Number.NaN },
    { input: amount, value: undefined, encoded: Number.NaN },
    { input: isNew, value: true, encoded: 1 },
    { input: isNew, value: false, encoded: 0 },
    { input: isNew, value: 1, encoded: 1 },
    { input: isNew, value: 2, encoded: Number.NaN },
    { input: isNew, value: 'true', encoded: Number.NaN },
    { input: kind, value: 'card', encoded: 0 },
    { input: kind, value: 'wallet', encoded: 1 },
    { input: kind, value: 5411, encoded: 2 },
    { input: kind, value: 'cash', encoded: Number.NaN },
    { input: kind, value: '', encoded: Number.NaN },
  ])('takes $value of a $input.kind as $encoded', ({ input, value, encoded }) => {
    expect(encodeRow({ [input.name]: value }, [input])).toEqual(Float32Array.of(encoded));
  });

  test('has its values in the order of the inputs, and NaN for what is absent', () => {
    const row = encodeRow({ kind: 'wallet', amount: 3 }, [amount, isNew, kind]);

    expect(row).toEqual(Float32Array.of(3, Number.NaN, 1));
  });

  test('takes nothing from a prototype', () => {
    const inputs: Input[] = [
      { name: 'to_string', kind: 'number' },
      { name: '__proto__', kind: 'number' },
    ];

    expect(encodeRow(Object.create({ to_string: 1 }), inputs)).toEqual(Float32Array.of(Number.NaN, Number.NaN));
  });

  test('is written over the one given', () => {
    const row = new Float32Array(3).fill(9);

    expect(encodeRow({ amount: 1 }, [amount, isNew, kind], row)).toBe(row);
    expect(row).toEqual(Float32Array.of(1, Number.NaN, Number.NaN));
  });

  test('is finite or NaN, whatever the values', () => {
    const value = fc.oneof(fc.double(), fc.boolean(), fc.string(), fc.constant(null), fc.constant(undefined));

    fc.assert(
      fc.property(value, value, value, (a, n, k) => {
        const row = encodeRow({ amount: a, is_new: n, kind: k }, [amount, isNew, kind]);

        expect(row.every((entry) => !Number.isFinite(entry) === Number.isNaN(entry))).toBe(true);
      }),
    );
  });
});

describe('the fingerprint', () => {
  const print = inputsFingerprint([amount, isNew, kind]);

  test('is the same for the same list', () => {
    expect(
      inputsFingerprint([{ kind: 'number', name: 'amount' }, isNew, { ...kind, levels: ['card', 'wallet', '5411'] }]),
    ).toBe(print);
    // Stored with models: a change of the function would refuse them all.
    expect(print).toBe('02a3ca715d72a2729ea8d41588ca097d8de368dd125c02a49c395d33e0db652c');
  });

  test.each<[string, readonly Input[]]>([
    ['order', [isNew, amount, kind]],
    ['name', [{ ...amount, name: 'amounts' }, isNew, kind]],
    ['kind', [{ ...amount, kind: 'boolean' }, isNew, kind]],
    ['order of levels', [amount, isNew, { ...kind, levels: ['wallet', 'card', '5411'] }]],
    ['one input less', [amount, isNew]],
    [
      'a level that became a name',
      [amount, isNew, { ...kind, levels: ['card', 'wallet'] }, { name: '5411', kind: 'number' }],
    ],
  ])('differs by %s', (_, inputs) => {
    expect(inputsFingerprint(inputs)).not.toBe(print);
  });
});

describe('a model takes only the inputs that it was trained with', () => {
  const model = readXgboost(fixture('v3_1.ubj'));
  const levels = [...model.featureLevels![4]!];
  const numbers = (names: readonly string[]): Input[] => names.map((name) => ({ name, kind: 'number' as const }));
  const trained: Input[] = [
    ...numbers(['amount', 'count_1d', 'mean_30d', 'hour']),
    { name: 'kind', kind: 'category', levels },
    { name: 'is_new', kind: 'boolean' },
  ];
  const kindWith = (changed: string[]): Input[] => trained.with(4, { name: 'kind', kind: 'category', levels: changed });

  test('in their order', () => {
    expect(() => checkInputs(model, trained, inputsFingerprint(trained))).not.toThrow();
  });

  test.each<[string, Input[], string]>([
    [
      'permuted',
      [trained[1]!, trained[0]!, ...trained.slice(2)],
      "another order: input 1 is 'count_1d' where the model was trained with 'amount'",
    ],
    ['incomplete', trained.slice(0, 5), "the inputs lack 'is_new'"],
    [
      'renamed',
      trained.with(3, { name: 'hour_of_day', kind: 'number' }),
      "the inputs lack 'hour': input 4 is 'hour_of_day'",
    ],
    ['longer', [...trained, amount].with(6, { name: 'more', kind: 'number' }), 'takes 6 inputs and 7 are listed'],
    ['empty', [], 'takes 6 inputs and 0 are listed'],
    ['listed twice', trained.with(1, trained[0]!), "input 'amount' is listed twice"],
    [
      'with permuted levels',
      kindWith([levels[1]!, levels[0]!, ...levels.slice(2)]),
      'other levels than the model was trained with, from level 1',
    ],
    ['with fewer levels', kindWith(levels.slice(0, 39)), 'from level 40 on'],
    ['with more levels', kindWith([...levels, 'new']), 'from level 41 on'],
    ['with a level twice', kindWith([...levels, levels[0]!]), 'lists a level twice'],
  ])('not %s', (_, inputs, message) => {
    expect(() => checkInputs(model, inputs)).toThrow(ModelError);
    expect(() => checkInputs(model, inputs)).toThrow(message);
  });

  test('not with another fingerprint', () => {
    expect(() => checkInputs(model, trained, inputsFingerprint([amount]))).toThrow('register a new version');
  });

  test('by number alone where its file has no names', () => {
    const { featureNames: _, ...nameless } = model;

    expect(() => checkInputs(nameless, trained.with(0, { name: 'other', kind: 'number' }))).not.toThrow();
    expect(() => checkInputs(nameless, trained.slice(1))).toThrow('takes 6 inputs');
  });
});
