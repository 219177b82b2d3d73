import type { Feature } from '#domain/catalog/feature.ts';
import type { Report } from '#domain/catalog/report.ts';

/** What a feature over history asks for. */
export const MEASURES = [
  'count',
  'sum',
  'mean',
  'min',
  'max',
  'stddev',
  'distinct',
  'rate',
  'since_last',
  'since_first',
  'is_new',
  'last',
] as const;
export type MeasureName = (typeof MEASURES)[number];

/** What a feature may be: exactly one of these keys says which. */
const KINDS = [...MEASURES, 'value', 'transform'] as const;
type Kind = (typeof KINDS)[number];
type Option = Exclude<keyof Feature, Kind | 'description'>;

const OVER_HISTORY = ['per', 'of', 'roles', 'window', 'where', 'delay', 'hot'] as const satisfies readonly Option[];
const OVER_VALUES = [...OVER_HISTORY, 'current', 'decimals'] as const satisfies readonly Option[];

/** Options that go with each kind. */
const OPTIONS: Readonly<Record<Kind, readonly Option[]>> = {
  count: [...OVER_HISTORY, 'current', 'half_life'],
  sum: [...OVER_VALUES, 'half_life'],
  mean: OVER_VALUES,
  min: OVER_VALUES,
  max: OVER_VALUES,
  stddev: OVER_VALUES,
  distinct: [...OVER_HISTORY, 'current'],
  rate: [...OVER_HISTORY, 'prior', 'weight'],
  since_last: OVER_HISTORY,
  since_first: OVER_HISTORY,
  is_new: OVER_HISTORY,
  last: OVER_HISTORY,
  value: [],
  transform: ['of', 'with', 'levels'],
};

/** Options without which a feature means nothing. */
const NEEDED = {
  per: "name the role whose history it is, such as 'per: customer'",
  window: "say how far back it looks, such as 'window: 1d'",
} as const;

/** A feature of one of the three sorts, its options fitting its kind. */
export type Definition =
  | { readonly sort: 'window'; readonly kind: MeasureName; readonly feature: Feature; readonly window: string }
  | { readonly sort: 'derived'; readonly source: string }
  | { readonly sort: 'transform'; readonly feature: Feature };

/**
 * Tells what a feature is.
 *
 * @returns undefined when it is none or several things at once, or has options that mean nothing with it, all reported.
 */
export const definitionOf = (name: string, feature: Feature, report: Report): Definition | undefined => {
  const given = KINDS.filter((kind) => feature[kind] !== undefined);
  const kind = given[0];
  if (kind === undefined) {
    return refuse(report, ['features', name], 'it does not say what it is', `give one of ${KINDS.join(', ')}`);
  }
  if (given.length > 1) {
    return refuse(report, ['features', name], `it is ${given.join(' and ')} at once`, 'make a feature of each');
  }
  const strays = Object.keys(feature).filter(
    (option) => option !== kind && option !== 'description' && !OPTIONS[kind].some((known) => known === option),
  );
  for (const stray of strays) {
    const known = OPTIONS[kind].join(', ');
    report(['features', name, stray], `'${stray}' means nothing with '${kind}'`, known ? `known are ${known}` : REMOVE);
  }
  if (kind === 'value') return strays.length > 0 ? undefined : { sort: 'derived', source: feature.value! };
  if (kind === 'transform') return strays.length > 0 ? undefined : { sort: 'transform', feature };
  return windowOf(name, kind, feature, report, strays.length === 0);
};

const REMOVE = 'remove it';

const windowOf = (
  name: string,
  kind: MeasureName,
  feature: Feature,
  report: Report,
  fits: boolean,
): Definition | undefined => {
  const missing = (['per', 'window'] as const).filter((option) => feature[option] === undefined);
  for (const option of missing) report(['features', name], `'${option}' is missing`, NEEDED[option]);
  return fits && missing.length === 0 ? { sort: 'window', kind, feature, window: feature.window! } : undefined;
};

const refuse = (report: Report, path: readonly string[], problem: string, remedy: string): undefined => {
  report(path, problem, remedy);
  return undefined;
};
