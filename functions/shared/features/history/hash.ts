import { canonicalJson, sha256Hex } from '#domain/content-hash.ts';
import type { Column, Measure, Profile, ValueSource } from './plan.ts';

/** A column before it has its key, with all that tells it from others. */
export interface PlannedColumn extends Omit<Column, 'key'> {
  /** Equal text, equal column: see {@link canonicalColumn}. */
  readonly canonical: string;
}

/**
 * A column as text: its measure, its condition, and what the variables that they read are.
 *
 * @param reads - of each variable that the measure or the condition reads, all that its values depend on.
 * @param where - the condition in its canonical spelling.
 */
export const canonicalColumn = (
  measure: Measure,
  { where, reads }: { readonly where?: string; readonly reads: Readonly<Record<string, string>> },
): string => canonicalJson({ measure: measureText(measure), where, reads });

const measureText = (measure: Measure) =>
  'of' in measure && measure.of ? { ...measure, of: sourceText(measure.of) } : measure;

const sourceText = (source: ValueSource) => ('transform' in source ? { transform: source.transform } : source);

/** What a profile's state depends on. */
export type HashedProfile = Omit<Profile, 'hash' | 'columns'> & {
  readonly columns: readonly Pick<PlannedColumn, 'canonical'>[];
};

/** Version of the way in which state is kept: another one starts anew. */
const STATE_VERSION = 1;

/**
 * The name of a profile's state: 16 hex digits of all that it depends on, and of nothing else. Names and order of
 * features do not matter, nor do windows that its slots and pages serve alike.
 */
export const profileHash = ({ columns, ...profile }: HashedProfile): string =>
  sha256Hex(canonicalJson({ v: STATE_VERSION, ...profile, columns: columns.map(({ canonical }) => canonical) })).slice(
    0,
    16,
  );
