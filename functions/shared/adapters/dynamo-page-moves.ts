import type { DynamoDBClient, TransactWriteItem } from '@aws-sdk/client-dynamodb';

import { ServiceError } from '#domain/errors.ts';
import type { PageMove } from '#features/history/state/types.ts';
import type { Deadline } from '#ports/clock.ts';
import { type CommitOptions, type CommitOutcome, commitTransaction } from './dynamo-decision-store-commit.ts';
import type { Item } from './dynamo-decision-store-items.ts';
import { pageExpiry, pageUpdate, stillToSet } from './dynamo-page-items.ts';

/** Moves of pages, each of another page, as part of a transaction. */
export interface MovedPages {
  /** The profile table. */
  readonly tableName: string;
  readonly moves: readonly PageMove[];
  /** Of the clock, in epoch milliseconds: pages expire from here. */
  readonly nowMs: number;
}

/**
 * Writes items and moves pages in one transaction; see `commitTransaction`. A set of a cell that has something better by
 * now is left out and the rest tried again: cells only ever get better, so this ends.
 *
 * @returns what became of the writes: positions are theirs alone.
 * @throws {ServiceError} `store_unavailable` when it is unknown or certain that nothing was done.
 */
export const commitWithMoves = async (
  client: DynamoDBClient,
  writes: readonly TransactWriteItem[],
  { tableName, moves, nowMs }: MovedPages,
  deadline: Deadline,
  options: CommitOptions = {},
): Promise<CommitOutcome> => {
  let open = moves;
  let perhapsOwn = false;
  for (;;) {
    const updates = open.map((move) => pageUpdate(tableName, move, pageExpiry(move, nowMs)));
    if (writes.length + updates.length === 0) return { kind: 'committed' };
    const outcome = await commitTransaction(client, [...writes, ...updates], deadline, options);
    if (outcome.kind !== 'refused') return outcome;
    perhapsOwn ||= outcome.perhapsOwn;
    const failed = outcome.failed.filter((index) => index < writes.length);
    if (failed.length > 0) return { ...outcome, failed, perhapsOwn };
    // Nothing but the writes tells whether the lost try was carried out: added once more, it would count twice.
    if (perhapsOwn && writes.length === 0) throw unknownWhether();
    open = open.map((move, index) => leftOf(move, outcome.items.get(writes.length + index))).filter(doesAnything);
  }
};

const leftOf = (move: PageMove, item: Item | undefined): PageMove => (item ? stillToSet(move, item) : move);

const doesAnything = ({ adds, marks, sets }: PageMove): boolean => adds.size + marks.size + sets.size > 0;

const unknownWhether = (): ServiceError =>
  new ServiceError('store_unavailable', 'it is unknown whether pages were moved; see what is there, then repeat it');
