import type { EventCommit } from '#ports/decision-store.ts';

/** DynamoDB's limits of one transaction, the second with room for keys and names. */
const MOST_ACTIONS = 100;
const MOST_BYTES = 3_500_000;
/** Keys, indexes and names of one item. */
const ITEM_OVERHEAD_BYTES = 1_000;

/** Events with so many decisions each that one transaction takes at most. */
export const mostEventsWith = (decisions: number): number => Math.max(1, Math.floor(MOST_ACTIONS / (1 + decisions)));

/** The first commits that fit one transaction together, at least one. */
export const takeGroup = (commits: readonly EventCommit[]): readonly EventCommit[] => {
  let actions = 0;
  let bytes = 0;
  const end = commits.findIndex((commit) => {
    actions += actionsOf(commit);
    bytes += bytesOf(commit);
    return actions > MOST_ACTIONS || bytes > MOST_BYTES;
  });
  return commits.slice(0, end < 0 ? commits.length : Math.max(end, 1));
};

/** One for the event and one for each decision. */
const actionsOf = ({ decisions }: EventCommit): number => 1 + decisions.length;

const bytesOf = (commit: EventCommit): number =>
  Buffer.byteLength(JSON.stringify(commit)) + actionsOf(commit) * ITEM_OVERHEAD_BYTES;
