import type { Event } from '#domain/event.ts';
import type { Column, Profile } from '../plan.ts';
import { cellOf, type Judged, type Known, keepsOf, labelGain, outcomeGain } from './cells.ts';
import { addInts, type Int } from './integers.ts';
import { entityKeyOf, pageStartOf, slotInPage, timeOf } from './places.ts';
import {
  type Cell,
  type CellSet,
  cellName,
  isKept,
  joinMarks,
  type Page,
  type PageMove,
  type PagePlace,
} from './types.ts';

/** Finds a page among those that were read. */
export type FindPage = (place: PagePlace) => Pick<Page, 'cells'> | undefined;

/**
 * What an event does to the pages of these profiles, of which each gives one move at most: an event that lacks one of
 * a profile's entities, or meets no column's condition, moves nothing there.
 *
 * @param find - pages as they are. One that is not found, because it could not be read, is taken to be empty: what is
 * set then gives way to what the store has.
 * @param known - a label that was said before the event came, and the decisions on it.
 */
export const eventMoves = (
  profiles: readonly Profile[],
  event: Event,
  find: FindPage,
  known: Known = {},
): readonly PageMove[] => {
  const atMs = timeOf(event);
  return profiles.flatMap((profile) => {
    const place = placeOf(profile, event, atMs);
    if (!place) return [];
    const move = blankMove(place);
    const cells = find(place)?.cells;
    for (const column of profile.columns) {
      const own = cellOf(column, event, atMs, known);
      const name = cellName(column.key, place.slot);
      if (own !== undefined) put(move, name, column.measure.kind, own, cells?.get(name));
    }
    return isEmpty(move) ? [] : [move];
  });
};

const put = (
  { adds, marks, sets }: BlankMove,
  name: string,
  kind: Column['measure']['kind'],
  own: Cell,
  has: Cell | undefined,
): void => {
  const keeps = keepsOf(kind);
  if (kind === 'distinct') {
    const fresh = freshMarks(own as ReadonlySet<number>, has as ReadonlySet<number> | undefined);
    if (fresh.size > 0) marks.set(name, fresh);
  } else if (keeps) {
    const [to, was] = [own as CellSet['to'], has as CellSet['was']];
    if (!isKept(was, { to, keeps })) sets.set(name, { to, keeps, was });
  } else if (own !== 0) {
    adds.set(name, own as Int);
  }
};

const freshMarks = (own: ReadonlySet<number>, has: ReadonlySet<number> = NO_MARKS): ReadonlySet<number> =>
  new Set([...own].filter((mark) => !has.has(mark)));

const NO_MARKS: ReadonlySet<number> = new Set();

/**
 * What it does when an event's effective label becomes another: takes back what was recorded of the one that counted,
 * and adds the new one, in the slot of the event's time.
 *
 * @param profiles - those that the event itself moved, and no others: a profile that came later has not counted it.
 * @param from - the label that is on record as counted; undefined: none.
 * @param to - the label that counts from now on; undefined: what was said is withdrawn.
 */
export const labelMoves = (
  profiles: readonly Profile[],
  event: Event,
  from: string | undefined,
  to: string | undefined,
): readonly PageMove[] => addMoves(profiles, event, ({ measure }) => labelGain(measure, from, to));

/**
 * What the outcomes of a further decision on an event add, once it is on record.
 *
 * @param profiles - those that the event itself moved, and no others.
 */
export const outcomeMoves = (profiles: readonly Profile[], event: Event, judged: Judged): readonly PageMove[] =>
  addMoves(profiles, event, ({ measure }) => outcomeGain(measure, judged));

const addMoves = (
  profiles: readonly Profile[],
  event: Event,
  byOf: (column: Column) => number,
): readonly PageMove[] => {
  const atMs = timeOf(event);
  return profiles.flatMap((profile) => {
    const place = placeOf(profile, event, atMs);
    if (!place) return [];
    const move = blankMove(place);
    for (const column of profile.columns) {
      const by = column.where && !column.where(event) ? 0 : byOf(column);
      if (by !== 0) move.adds.set(cellName(column.key, place.slot), by);
    }
    return isEmpty(move) ? [] : [move];
  });
};

interface BlankMove extends PageMove {
  readonly adds: Map<string, Int>;
  readonly marks: Map<string, ReadonlySet<number>>;
  readonly sets: Map<string, CellSet>;
}

type Place = PagePlace & { readonly keepUntilMs: number };

const placeOf = (profile: Profile, event: Event, atMs: number): (Place & { readonly slot: number }) | undefined => {
  const entity = entityKeyOf(profile.kinds, profile.roles, event);
  if (entity === undefined) return undefined;
  const startMs = pageStartOf(profile, atMs);
  const keepUntilMs = startMs + profile.pageMs + profile.keepMs;
  return { profile: profile.hash, entity, startMs, keepUntilMs, slot: slotInPage(profile, atMs) };
};

const blankMove = ({ profile, entity, startMs, keepUntilMs }: Place): BlankMove => ({
  profile,
  entity,
  startMs,
  keepUntilMs,
  adds: new Map(),
  marks: new Map(),
  sets: new Map(),
});

const isEmpty = ({ adds, marks, sets }: PageMove): boolean => adds.size + marks.size + sets.size === 0;

/** A page's place as one text. */
export const placeKey = ({ profile, entity, startMs }: PagePlace): string => `${profile}/${entity}/${startMs}`;

/**
 * Moves of several events as one for each page: what is added adds up, and of what is set the one is left that is to be
 * kept. Moves that come to nothing are left out.
 *
 * @param moves - in the order in which they were made.
 */
export const mergeMoves = (moves: readonly PageMove[]): readonly PageMove[] => {
  const merged = new Map<string, BlankMove>();
  for (const move of moves) {
    const key = placeKey(move);
    const into = merged.get(key) ?? blankMove(move);
    merged.set(key, into);
    for (const [name, by] of move.adds) addTo(into.adds, name, by);
    for (const [name, marks] of move.marks) into.marks.set(name, joinMarks(into.marks.get(name) ?? NO_MARKS, marks));
    for (const [name, set] of move.sets) {
      const earlier = into.sets.get(name);
      if (!earlier) into.sets.set(name, set);
      else if (!isKept(earlier.to, set)) into.sets.set(name, { ...set, was: earlier.was });
    }
  }
  return [...merged.values()].filter((move) => !isEmpty(move));
};

const addTo = (adds: Map<string, Int>, name: string, by: Int): void => {
  const sum = addInts(adds.get(name) ?? 0, by);
  if (sum === 0) adds.delete(name);
  else adds.set(name, sum);
};
