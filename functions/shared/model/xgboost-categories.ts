import { type Field, field, fieldError, items, numbers, optional } from './document.ts';

/** Text whose pieces end at the offsets: UTF-8 bytes, which XGBoost keeps as signed 8-bit integers. */
const textLevels = (column: Field): readonly string[] => {
  const offsets = numbers(field(column, 'offsets'));
  const bytes = Uint8Array.from(numbers(field(column, 'values')));
  const decoder = new TextDecoder();
  return Array.from({ length: Math.max(0, offsets.length - 1) }, (_, level) => {
    const [from, to] = [offsets[level]!, offsets[level + 1]!];
    if (!(from >= 0 && from <= to && to <= bytes.length)) throw fieldError(column, 'has offsets outside its text');
    return decoder.decode(bytes.subarray(from, to));
  });
};

const levelsOf = (column: Field): readonly string[] | undefined => {
  const levels = optional(column, 'offsets')
    ? textLevels(column)
    : Array.from(numbers(field(column, 'values')), (level) => String(level));
  return levels.length > 0 ? levels : undefined;
};

/**
 * Names of the categories that a model of XGBoost 3.1 or later was trained with, by feature: what its codes 0, 1, 2, …
 * stand for. Undefined where the file has none, as when the training data were codes already.
 */
export const featureLevelsOf = (
  model: Field,
  featureCount: number,
): readonly (readonly string[] | undefined)[] | undefined => {
  const cats = optional(model, 'cats');
  const columns = cats && items(field(cats, 'enc'));
  if (!columns || columns.length === 0) return undefined;
  if (columns.length !== featureCount) throw fieldError(cats, `has ${columns.length} of ${featureCount} features`);
  return columns.map(levelsOf);
};
