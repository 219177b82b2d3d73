import { columnKeyOf, slotsPerPage } from './compile-widths.ts';
import type { WindowDefinition } from './definition-window.ts';
import { type PlannedColumn, profileHash } from './hash.ts';
import type { Profile } from './plan.ts';
import { keepMsOf, MAX_PAGES } from './windows.ts';

/** A profile, with the keys that its columns have in it. */
export interface KeyedProfile {
  readonly profile: Profile;
  /** Key by {@link PlannedColumn.canonical}. */
  readonly keys: ReadonlyMap<string, string>;
}

/** A definition, and the profile that it is read from. */
export type Placed<Window extends WindowDefinition> = KeyedProfile & { readonly window: Window };

/** A profile while definitions are put into it. */
interface Draft {
  readonly kinds: readonly string[];
  readonly columns: Map<string, PlannedColumn>;
  readonly windowMs: number;
  readonly delayMs: number;
  readonly slotMs: number;
}

/**
 * Puts definitions into as few profiles as is sensible: an event moves each of them by an update of its own.
 *
 * Those of one entity share a profile as long as a full page of its columns stays within 1 KB and no window is read
 * from more than 96 pages. The short windows come first, since they say how fine the slots are; what has wide columns
 * comes last, since it makes pages short. The result does not depend on the order or the names of the definitions.
 */
export const placedInProfiles = <Window extends WindowDefinition>(
  windows: readonly Window[],
): readonly Placed<Window>[] => [...Map.groupBy(windows, ownerOf).values()].flatMap(placedOfOwner);

/** Definitions of one owner can share state. */
const ownerOf = ({ eventType, sourceRoles, hot }: WindowDefinition): string =>
  JSON.stringify([eventType, sourceRoles, hot]);

const placedOfOwner = <Window extends WindowDefinition>(windows: readonly Window[]): readonly Placed<Window>[] => {
  const drafts: { draft: Draft; members: Window[] }[] = [];
  for (const window of windows.toSorted(byNeeds)) {
    let placed = false;
    for (const entry of drafts) {
      const draft = withWindow(entry.draft, window);
      if (!isReadable(draft)) continue;
      entry.draft = draft;
      entry.members.push(window);
      placed = true;
      break;
    }
    if (!placed) drafts.push({ draft: withWindow(EMPTY, window), members: [window] });
  }
  return drafts.flatMap(({ draft, members }) => {
    const profile = profileOf(draft, members[0]!);
    return members.map((window) => ({ ...profile, window }));
  });
};

const EMPTY: Draft = { kinds: [], columns: new Map(), windowMs: 0, delayMs: 0, slotMs: Number.POSITIVE_INFINITY };

const withWindow = (draft: Draft, window: WindowDefinition): Draft => ({
  kinds: window.kinds,
  columns: new Map([...draft.columns, ...window.columns.map((column) => [column.canonical, column] as const)]),
  windowMs: Math.max(draft.windowMs, window.windowMs),
  delayMs: Math.max(draft.delayMs, window.delayMs),
  slotMs: Math.min(draft.slotMs, window.slotMs),
});

const pageMsOf = ({ kinds, columns, slotMs }: Draft): number =>
  slotsPerPage(
    [...columns.values()].map(({ measure }) => measure),
    kinds,
  ) * slotMs;

const isReadable = (draft: Draft): boolean => draft.windowMs <= MAX_PAGES * pageMsOf(draft);

/** Wide ones last; then by slot; then by what they are, so that the order is always the same. */
const byNeeds = (left: WindowDefinition, right: WindowDefinition): number =>
  Number(isWide(left)) - Number(isWide(right)) ||
  left.slotMs - right.slotMs ||
  left.windowMs - right.windowMs ||
  compared(canonicalOf(left), canonicalOf(right));

/** Slots of which a page of narrow columns has many. */
const WIDE_BELOW_SLOTS = 8;

const isWide = ({ columns, kinds }: WindowDefinition): boolean =>
  slotsPerPage(
    columns.map(({ measure }) => measure),
    kinds,
  ) < WIDE_BELOW_SLOTS;

const canonicalOf = ({ columns }: WindowDefinition): string => columns.map(({ canonical }) => canonical).join();

const compared = (left: string, right: string): number => (left < right ? -1 : Number(left > right));

const profileOf = (draft: Draft, { eventType, sourceRoles, kinds, hot }: WindowDefinition): KeyedProfile => {
  const columns = [...draft.columns.values()].sort((left, right) => compared(left.canonical, right.canonical));
  const pageMs = pageMsOf(draft);
  const state = {
    eventType,
    roles: sourceRoles,
    kinds,
    slotMs: draft.slotMs,
    pageMs,
    keepMs: keepMsOf(pageMs, draft.delayMs),
    ...(hot && { hot: true as const }),
  };
  const keys = new Map(columns.map(({ canonical }, index) => [canonical, columnKeyOf(index)]));
  const keyed = columns.map(({ canonical, ...column }) => ({ key: keys.get(canonical)!, ...column }));
  return { profile: { hash: profileHash({ ...state, columns }), ...state, columns: keyed }, keys };
};
