import type { Feature } from '#domain/catalog/feature.ts';
import type { Report } from '#domain/catalog/report.ts';
import type { RuleVariable } from '#rules/compile.ts';
import { nearestName } from '#rules/suggest.ts';
import type { MeasureName } from './definition.ts';
import { conditionOf } from './definition-condition.ts';
import type { EventScope } from './definition-scope.ts';
import { isCountedWhole, numberSourceOf, type ReadSource, valueSourceOf } from './definition-values.ts';
import { canonicalColumn, type PlannedColumn } from './hash.ts';
import type { Measure, Reading, ValueSource } from './plan.ts';
import { durationMs } from './windows.ts';

/** What a feature needs of a profile, and what its value is made of. */
export interface FeatureColumns {
  readonly columns: readonly PlannedColumn[];
  /** How the value is read, once the columns have keys: those of `columns`, in their order. */
  readonly readingOf: (keys: readonly string[]) => Reading;
  /** What rules see. */
  readonly variable: RuleVariable;
  /** What the tokens of such a value are made of; undefined where it is no token. */
  readonly tokenDomain?: string;
}

/** A feature over history that is being read. */
interface Reader {
  readonly name: string;
  readonly feature: Feature;
  /** Over the events of the history. */
  readonly source: EventScope;
  readonly report: Report;
  readonly column: (measure: Measure, read?: ReadSource) => PlannedColumn;
}

const NUMBER: RuleVariable = { type: 'number' };
const TIME: ValueSource = { time: true };

/** The columns of a feature; undefined when they cannot be kept, which is reported. */
export const columnsOf = (
  name: string,
  kind: MeasureName,
  feature: Feature,
  source: EventScope,
  report: Report,
): FeatureColumns | undefined => {
  const condition = feature.where === undefined ? undefined : conditionOf(name, feature.where, source, report);
  if (feature.where !== undefined && !condition) return undefined;
  const column = (measure: Measure, read?: ReadSource): PlannedColumn => ({
    measure,
    canonical: canonicalColumn(measure, {
      ...(condition && { where: condition.text }),
      reads: { ...condition?.reads, ...read?.reads },
    }),
    ...(condition && { where: condition.holds }),
  });
  return READERS[kind]({ name, feature, source, report, column });
};

const count = ({ column, feature }: Reader): FeatureColumns => ({
  columns: [column({ kind: 'count' })],
  readingOf: ([key = '']) => decayedOr({ kind: 'count', column: key }, 0, feature),
  variable: NUMBER,
});

/** With a half-life, events weigh the less the older they are. */
const decayedOr = (
  reading: Extract<Reading, { column: string }>,
  decimals: number,
  { half_life: halfLife }: Feature,
): Reading =>
  halfLife === undefined
    ? reading
    : { kind: 'decayed', column: reading.column, decimals, halfLifeMs: durationMs(halfLife) };

const isNew = ({ column }: Reader): FeatureColumns => ({
  columns: [column({ kind: 'count' })],
  readingOf: ([key = '']) => ({ kind: 'is_new', column: key }),
  variable: { type: 'boolean' },
});

const since =
  (kind: 'since_first' | 'since_last') =>
  ({ column }: Reader): FeatureColumns => ({
    columns: [column({ kind: kind === 'since_first' ? 'min' : 'max', of: TIME, decimals: 0 })],
    readingOf: ([key = '']) => ({ kind, column: key }),
    variable: NUMBER,
  });

const rate = ({ name, feature, source, report, column }: Reader): FeatureColumns | undefined => {
  const part = partOf(name, feature, source, report);
  const { prior = 0, weight = 0 } = feature;
  if ((feature.prior === undefined) !== (feature.weight === undefined)) {
    report(
      ['features', name],
      "'prior' and 'weight' mean nothing without each other",
      "give both, as in 'prior: 0.01' and 'weight: 10', or neither",
    );
    return undefined;
  }
  return (
    part && {
      columns: [column(part), column({ kind: 'count' })],
      readingOf: ([key = '', of = '']) => ({ kind: 'rate', part: key, count: of, prior, weight }),
      variable: NUMBER,
    }
  );
};

/** What is divided by all events. */
const partOf = (
  name: string,
  { rate: wanted }: Feature,
  { eventType: { eventType, labels } }: EventScope,
  report: Report,
): Measure | undefined => {
  if (typeof wanted === 'object') return { kind: 'outcome', ...wanted };
  if (wanted !== undefined && Object.hasOwn(labels, wanted)) return { kind: 'labelled', label: wanted };
  const known = Object.keys(labels);
  const meant = nearestName(wanted ?? '', known);
  const remedy = known.length > 0 ? `use one of ${known.join(', ')}` : 'declare it among its labels';
  report(['features', name, 'rate'], `'${eventType}' has no label '${wanted}'`, meant ? didYouMean(meant) : remedy);
  return undefined;
};

const didYouMean = (name: string): string => `did you mean '${name}'?`;

/** Of numbers: sum, and what is made of sums. */
const ofNumbers =
  (kind: 'sum' | 'mean' | 'min' | 'max' | 'stddev') =>
  ({ name, feature, source, report, column }: Reader): FeatureColumns | undefined => {
    const read = numberSourceOf(name, kind, feature, source, report);
    if (!read) return undefined;
    const { of, decimals } = read;
    const measured = (measure: 'sum' | 'squares' | 'min' | 'max') => column({ kind: measure, of, decimals }, read);
    const counted = isCountedWhole(read, source)
      ? column({ kind: 'count' })
      : column({ kind: 'count', of, decimals }, read);
    switch (kind) {
      case 'mean':
        return {
          columns: [measured('sum'), counted],
          readingOf: ([sum = '', of = '']) => ({ kind, sum, count: of, decimals }),
          variable: NUMBER,
        };
      case 'stddev':
        return {
          columns: [measured('sum'), measured('squares'), counted],
          readingOf: ([sum = '', squares = '', of = '']) => ({ kind, sum, squares, count: of, decimals }),
          variable: NUMBER,
        };
      default:
        return {
          columns: [measured(kind)],
          readingOf: ([key = '']) => decayedOr({ kind, column: key, decimals }, decimals, feature),
          variable: NUMBER,
        };
    }
  };

/** Of values of any kind: how many there are, and the latest. */
const ofValues =
  (kind: 'distinct' | 'last') =>
  ({ name, feature, source, report, column }: Reader): FeatureColumns | undefined => {
    const read = valueSourceOf(name, kind, feature, source, report);
    return (
      read && {
        columns: [column({ kind, of: read.of }, read)],
        readingOf: ([key = '']) => ({ kind, column: key }),
        variable: kind === 'last' ? read.variable : NUMBER,
        ...(kind === 'last' && read.tokenDomain !== undefined && { tokenDomain: read.tokenDomain }),
      }
    );
  };

const READERS: Readonly<Record<MeasureName, (reader: Reader) => FeatureColumns | undefined>> = {
  count,
  sum: ofNumbers('sum'),
  mean: ofNumbers('mean'),
  min: ofNumbers('min'),
  max: ofNumbers('max'),
  stddev: ofNumbers('stddev'),
  distinct: ofValues('distinct'),
  rate,
  since_last: since('since_last'),
  since_first: since('since_first'),
  is_new: isNew,
  last: ofValues('last'),
};
