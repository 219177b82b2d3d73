import { placeKey } from '#features/history/state/moves.ts';
import type { EventCommit } from '#ports/decision-store.ts';

/** DynamoDB's limits of one transaction, the second with room for keys and names. */
const MOST_ACTIONS = 100;
const MOST_BYTES = 3_500_000;
/** Keys, indexes and names of one item. */
const ITEM_OVERHEAD_BYTES = 1_000;
/** A page, which is at most 1 KB, with its update. */
const PAGE_BYTES = 3_000;

/** Events with so many decisions each that one transaction takes at most. */
export const mostEventsWith = (decisions: number): number => Math.max(1, Math.floor(MOST_ACTIONS / (1 + decisions)));

/**
 * The first commits that fit one transaction together, at least one. A page that several of them move is one action.
 *
 * @param most - at most so many.
 */
export const takeGroup = (
  commits: readonly EventCommit[],
  most: number = Number.POSITIVE_INFINITY,
): readonly EventCommit[] => {
  const pages = new Set<string>();
  let actions = 0;
  let bytes = 0;
  const end = commits.findIndex((commit, index) => {
    for (const move of commit.moves ?? []) pages.add(placeKey(move));
    actions += actionsOf(commit);
    bytes += bytesOf(commit);
    return actions + pages.size > MOST_ACTIONS || bytes + pages.size * PAGE_BYTES > MOST_BYTES || index >= most;
  });
  return commits.slice(0, end < 0 ? commits.length : Math.max(end, 1));
};

/** One for the event and one for each decision. */
const actionsOf = ({ decisions }: EventCommit): number => 1 + decisions.length;

const bytesOf = ({ moves: _moves, ...commit }: EventCommit): number =>
  Buffer.byteLength(JSON.stringify(commit)) + actionsOf(commit) * ITEM_OVERHEAD_BYTES;
