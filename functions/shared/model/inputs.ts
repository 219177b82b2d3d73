import { createHash } from 'node:crypto';

import { type ModelInput, ModelInputSchema } from '#domain/catalog/documents.ts';
import { ModelError } from './model-error.ts';
import type { TreeModel } from './tree-model.ts';

export { type ModelInput as Input, ModelInputSchema as InputSchema };

/** A value of a variable or a feature, or none. */
export type InputValue = number | boolean | string | null | undefined;

/** Largest float32. */
const MOST_FLOAT32 = 3.4028234663852886e38;

/**
 * What identifies an ordered list of inputs: SHA-256, in hex, of their names, kinds and levels in order.
 *
 * Two lists with the same fingerprint encode every event to the same row.
 */
export const inputsFingerprint = (inputs: readonly ModelInput[]): string => {
  const content = inputs.map((input) => [input.name, input.kind, ...(input.kind === 'category' ? input.levels : [])]);
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
};

const codesByLevels = new WeakMap<readonly string[], ReadonlyMap<string, number>>();

const codesOf = (levels: readonly string[]): ReadonlyMap<string, number> => {
  let codes = codesByLevels.get(levels);
  if (!codes) {
    codes = new Map(levels.map((level, code) => [level, code]));
    codesByLevels.set(levels, codes);
  }
  return codes;
};

/** A finite number as float32, kept finite: beyond float32, the largest compares as the value itself would. */
const finite = (value: number): number =>
  Number.isFinite(value) ? Math.min(Math.max(value, -MOST_FLOAT32), MOST_FLOAT32) : Number.NaN;

const encode = (input: ModelInput, value: InputValue): number => {
  if (value === null || value === undefined) return Number.NaN;
  if (input.kind === 'category') return codesOf(input.levels).get(String(value)) ?? Number.NaN;
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value !== 'number') return Number.NaN;
  if (input.kind === 'boolean') return value === 0 || value === 1 ? value : Number.NaN;
  return finite(value);
};

/**
 * The row that a model takes, from named values.
 *
 * A number is itself, as float32; a boolean is 1 or 0; a category is the place of its level, where numbers and
 * booleans stand for their text. NaN, missing to every model, stands for a value that is absent, null, not finite, of
 * another type, or of no known level: never for a default that a rule would see. Never throws.
 *
 * @param row - written to and returned, so that a caller can reuse one; as long as `inputs`.
 */
export const encodeRow = (
  values: Readonly<Record<string, InputValue>>,
  inputs: readonly ModelInput[],
  row: Float32Array = new Float32Array(inputs.length),
): Float32Array => {
  for (let index = 0; index < inputs.length; index += 1) {
    const input = inputs[index]!;
    row[index] = Object.hasOwn(values, input.name) ? encode(input, values[input.name]) : Number.NaN;
  }
  return row;
};

const twiceIn = (list: readonly string[]): string | undefined => list.find((item, at) => list.indexOf(item) !== at);

const checkList = (inputs: readonly ModelInput[]): void => {
  const twice = twiceIn(inputs.map(({ name }) => name));
  if (twice !== undefined) throw new ModelError(`input '${twice}' is listed twice; list each input once`);
  for (const input of inputs) {
    if (input.kind === 'category' && new Set(input.levels).size !== input.levels.length) {
      throw new ModelError(`input '${input.name}' lists a level twice; list each level once, in the order of training`);
    }
  }
};

const checkNames = (given: readonly string[], wanted: readonly string[]): void => {
  const at = wanted.findIndex((name, index) => given[index] !== name);
  if (at < 0) return;
  const missing = wanted.filter((name) => !given.includes(name));
  const problem =
    missing.length === 0
      ? 'the inputs are those of the model in another order'
      : `the inputs lack ${missing
          .slice(0, 5)
          .map((name) => `'${name}'`)
          .join(', ')}`;
  throw new ModelError(
    `${problem}: input ${at + 1} is '${given[at]}' where the model was trained with '${wanted[at]}'; list them as trained`,
  );
};

const checkLevels = (input: ModelInput, trained: readonly string[] | undefined): void => {
  if (input.kind !== 'category' || !trained) return;
  const at = trained.findIndex((level, code) => input.levels[code] !== level);
  if (at < 0 && input.levels.length === trained.length) return;
  throw new ModelError(
    `input '${input.name}' has other levels than the model was trained with, from level ${at < 0 ? trained.length + 1 : at + 1} on; list them as trained`,
  );
};

/**
 * Makes sure that inputs are those that a model was trained with, in the same order, before it answers anything.
 *
 * Their number must be the model's; their names too, where its file has names (without them, order cannot be
 * checked); so must the levels of a category, where its file names them.
 *
 * @param fingerprint - of the inputs that the model was registered with, when known; see {@link inputsFingerprint}.
 * @throws {ModelError} for a list that is permuted, incomplete, renamed or longer, or has another fingerprint.
 */
export const checkInputs = (model: TreeModel, inputs: readonly ModelInput[], fingerprint?: string): void => {
  checkList(inputs);
  if (model.featureNames && inputs.length > 0 && inputs.length <= model.featureCount) {
    checkNames(
      inputs.map(({ name }) => name),
      model.featureNames,
    );
  }
  if (inputs.length !== model.featureCount) {
    throw new ModelError(
      `the model takes ${model.featureCount} inputs and ${inputs.length} are listed; list those it was trained with, in order`,
    );
  }
  inputs.forEach((input, index) => {
    checkLevels(input, model.featureLevels?.[index]);
  });
  if (fingerprint !== undefined && fingerprint !== inputsFingerprint(inputs)) {
    throw new ModelError('the inputs are not those that the model was registered with; register a new version');
  }
};
