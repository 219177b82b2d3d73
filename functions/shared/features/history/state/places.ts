import type { Event } from '#domain/event.ts';
import { type HistoryPlan, type Profile, slotsOf } from '../plan.ts';
import { keepsOf } from './cells.ts';
import type { PageRange } from './types.ts';

/** When an event happened, in epoch milliseconds. */
export const timeOf = ({ occurredAt }: Pick<Event, 'occurredAt'>): number => Date.parse(occurredAt);

/**
 * Who a profile is of, for an event: the kinds and tokens of its roles, in their order, as `person:t1_…`, and for a
 * pair `person:t1_…+terminal:t1_…`. Undefined when the event lacks one of them.
 */
export const entityKeyOf = (
  kinds: readonly string[],
  roles: readonly string[],
  { entities }: Pick<Event, 'entities'>,
): string | undefined => {
  const parts = roles.map((role, at) => Object.hasOwn(entities, role) && `${kinds[at]}:${entities[role]}`);
  return parts.every((part) => part !== false) ? parts.join('+') : undefined;
};

/** Start of the page that holds an instant. */
export const pageStartOf = ({ pageMs }: Pick<Profile, 'pageMs'>, atMs: number): number =>
  Math.floor(atMs / pageMs) * pageMs;

/** Number of the slot that holds an instant, in its page. */
export const slotInPage = (profile: Pick<Profile, 'pageMs' | 'slotMs'>, atMs: number): number =>
  Math.floor((atMs - pageStartOf(profile, atMs)) / profile.slotMs);

/**
 * What has to be read before an event is decided and counted: for each profile and entity the pages that its features'
 * windows reach into, and the page that it will move, where what is there says whether anything is set.
 */
export const rangesOf = ({ reads, moves, features }: HistoryPlan, event: Event): readonly PageRange[] => {
  const atMs = timeOf(event);
  const profiles = new Map(reads.map((profile) => [profile.hash, profile]));
  const seen = features.flatMap((feature) => {
    const profile = profiles.get(feature.profile);
    const { fromMs, toMs } = profile ? slotsOf(profile, feature, atMs) : { fromMs: 0, toMs: 0 };
    return profile ? pagesAt(profile, feature.roles, event, fromMs, toMs - profile.slotMs) : [];
  });
  const moved = moves
    .filter(({ columns }) => columns.some(({ measure }) => keepsOf(measure.kind)))
    .flatMap((profile) => pagesAt(profile, profile.roles, event, atMs, atMs));
  return mergeRanges([...seen, ...moved]);
};

const pagesAt = (
  profile: Profile,
  roles: readonly string[],
  event: Event,
  fromMs: number,
  lastMs: number,
): readonly PageRange[] => {
  const entity = entityKeyOf(profile.kinds, roles, event);
  if (entity === undefined) return [];
  return [{ profile: profile.hash, entity, fromMs: pageStartOf(profile, fromMs), toMs: pageStartOf(profile, lastMs) }];
};

/** One range for each profile and entity, which spans all of theirs: for several events that are read together. */
export const mergeRanges = (ranges: readonly PageRange[]): readonly PageRange[] => {
  const merged = new Map<string, PageRange>();
  for (const range of ranges) {
    const key = `${range.profile}/${range.entity}`;
    const { fromMs, toMs } = merged.get(key) ?? range;
    merged.set(key, { ...range, fromMs: Math.min(fromMs, range.fromMs), toMs: Math.max(toMs, range.toMs) });
  }
  return [...merged.values()];
};
