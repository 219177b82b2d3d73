import type { Column, Profile } from '../../plan.ts';
import { MARKS } from '../cells.ts';
import { SQUARE_LIMBS, SUM_LIMBS } from './limbs.ts';

/** Words of 32 bits that the marks of a `distinct` take. */
export const MARK_WORDS = MARKS / 32;

/** Where a column is in a row: lanes of doubles, words of marks, or a place among the stamps. */
export interface ColumnPlace {
  readonly column: Column;
  readonly role: 'added' | 'least' | 'greatest' | 'marks' | 'stamp';
  /** First lane of it, among those of its role: words for marks, places for stamps. */
  readonly at: number;
  /** How many lanes, words or places it takes. */
  readonly length: number;
}

/** Lanes of a row that add up, and for each whether what is more than a limb is carried into the one behind it. */
export interface Lanes {
  readonly lanes: Int32Array;
  readonly carries: Uint8Array;
}

/** How the cells of a slot lie in a row: the lanes that add up first, then those of the least and the greatest. */
export interface RowLayout {
  readonly places: readonly ColumnPlace[];
  /** The lanes that add up: from 0. */
  readonly added: Lanes;
  readonly lanes: number;
  readonly words: number;
  readonly stamps: number;
}

const ROLES = {
  count: { role: 'added', length: 1 },
  labelled: { role: 'added', length: 1 },
  outcome: { role: 'added', length: 1 },
  sum: { role: 'added', length: SUM_LIMBS },
  squares: { role: 'added', length: SQUARE_LIMBS },
  min: { role: 'least', length: 1 },
  max: { role: 'greatest', length: 1 },
  first: { role: 'stamp', length: 1 },
  last: { role: 'stamp', length: 1 },
  distinct: { role: 'marks', length: MARK_WORDS },
} as const satisfies Record<Column['measure']['kind'], Pick<ColumnPlace, 'role' | 'length'>>;

export const layoutOf = ({ columns }: Pick<Profile, 'columns'>): RowLayout => {
  const used = { lanes: 0, words: 0, stamps: 0 };
  const isAdded = ({ measure }: Column): boolean => ROLES[measure.kind].role === 'added';
  const ordered = [...columns.filter(isAdded), ...columns.filter((column) => !isAdded(column))];
  const places = ordered.map((column): ColumnPlace => {
    const { role, length } = ROLES[column.measure.kind];
    const kind = role === 'marks' ? 'words' : role === 'stamp' ? 'stamps' : 'lanes';
    const at = used[kind];
    used[kind] += length;
    return { column, role, at, length };
  });
  const added = lanesOf(places.filter(({ role }) => role === 'added'));
  return { places, added, ...used };
};

/** The lanes of these columns, one column after another. */
export const lanesOf = (places: readonly Pick<ColumnPlace, 'at' | 'length'>[]): Lanes => ({
  lanes: Int32Array.from(places.flatMap(({ at, length }) => Array.from({ length }, (_, limb) => at + limb))),
  carries: Uint8Array.from(
    places.flatMap(({ length }) => Array.from({ length }, (_, limb) => Number(limb < length - 1))),
  ),
});
