import type { WrittenMove } from '#domain/written-moves.ts';
import { type Int, parseInt10 } from './state/integers.ts';
import type { PageMove, Stamp } from './state/types.ts';

/** A move as messages carry it. What a cell was when it was made is left out: it says nothing any more. */
export const writtenMove = ({ adds, marks, sets, ...place }: PageMove): WrittenMove => ({
  profile: place.profile,
  entity: place.entity,
  startMs: place.startMs,
  keepUntilMs: place.keepUntilMs,
  adds: mapped(adds, String),
  marks: mapped(marks, (all) => [...all]),
  sets: mapped(sets, ({ to, keeps }) => ({ to: typeof to === 'object' ? to : String(to), keeps })),
});

/** A move out of a message. */
export const readMove = ({ adds, marks, sets, ...place }: WrittenMove): PageMove => ({
  ...place,
  adds: mapOf(adds, parseInt10),
  marks: mapOf(marks, (all) => new Set(all)),
  sets: mapOf(sets, ({ to, keeps }) => ({ to: cellOf(to), keeps, was: undefined })),
});

const cellOf = (to: string | Stamp): Int | Stamp => (typeof to === 'string' ? parseInt10(to) : to);

const mapped = <Value, Result>(
  map: ReadonlyMap<string, Value>,
  write: (value: Value) => Result,
): Record<string, Result> => Object.fromEntries([...map].map(([name, value]) => [name, write(value)]));

const mapOf = <Value, Result>(
  record: Readonly<Record<string, Value>>,
  read: (value: Value) => Result,
): ReadonlyMap<string, Result> => new Map(Object.entries(record).map(([name, value]) => [name, read(value)]));
