import type { Fault } from '#local/faults.ts';

/** A file on its way while some things go wrong, as often as it takes to meet them and no more than it can stand. */
export interface Round {
  readonly what: string;
  readonly faults: readonly Fault[];
}

const SCORING = /ScoringQueue/;

/**
 * Everything that can go wrong with a file's way through queues, functions and tables. Deciding alone is struck where
 * the reader of the file would wait for half a minute, for its lease or its next try.
 */
export const ROUNDS: readonly Round[] = [
  {
    what: 'queues deliver twice, out of order, and take batches in part',
    faults: [
      { service: 'sqs', does: 'duplicate' },
      { service: 'sqs', does: 'reorder', share: 0.5 },
      // The reader tries what was refused twice more at once.
      { service: 'sqs', does: 'partial-send', times: 2 },
    ],
  },
  {
    what: 'tables throttle, meet other transactions, leave reads undone, and lose an answer behind its commit',
    faults: [
      { service: 'dynamodb', does: 'throttle', times: 5, share: 0.5, callers: SCORING },
      { service: 'dynamodb', does: 'conflict', times: 5 },
      { service: 'dynamodb', does: 'unprocessed', times: 3 },
      { service: 'dynamodb', does: 'lose-answer', operations: ['TransactWriteItems'], times: 1 },
    ],
  },
  {
    what: 'who decides is killed, frozen, and for a moment without any store',
    faults: [
      { service: 'lambda', does: 'kill', times: 3, callers: SCORING },
      { service: 'lambda', does: 'freeze', times: 1, callers: SCORING },
      { service: 'dynamodb', does: 'fail', times: 25, callers: SCORING },
    ],
  },
];
