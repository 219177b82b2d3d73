import type { FaultPoints } from '../faults.ts';
import type { Principal } from '../service.ts';
import type { BatchEntry, BatchFailure } from './batch.ts';
import type { Queue } from './queue.ts';
import type { MessageRow } from './schema.ts';

interface Caller {
  readonly principal: Principal;
}

/** How a message that is sent arrives. */
export interface Arrival {
  /** More than one: the same message is there as often, each to be received and deleted by itself. */
  readonly copies: number;
  /** How much later than asked for it becomes visible, while others overtake it. */
  readonly lateMs: number;
}

/** What queues do that their users must live with, made to happen on purpose. */
export interface Mishaps {
  /** Of a standard queue it may be there twice; within a group of a FIFO queue, order and number stay as they are. */
  arrivalOf(queue: Queue, caller: Caller): Arrival;
  /** Entries of a batch that are refused although nothing is wrong with them. */
  refused(entries: readonly BatchEntry[], caller: Caller): readonly BatchFailure[];
  /**
   * Whether a message of a FIFO queue comes back although it was deleted, as when its poller's word is lost: Lambda
   * may hand it over twice. At most once each.
   */
  comesBack(queue: Queue, row: MessageRow, caller: Caller): boolean;
}

const LATEST_MS = 2_000;
const PLAIN: Arrival = { copies: 1, lateMs: 0 };

export const createMishaps = ({ strikes, random }: Pick<FaultPoints, 'strikes' | 'random'>): Mishaps => {
  const cameBack = new Set<number>();
  const strikesAt = (misdeed: 'duplicate' | 'reorder' | 'partial-send', { principal }: Caller): boolean =>
    strikes('sqs', misdeed, { caller: principal.arn });
  return {
    arrivalOf(queue, caller) {
      const copies = !queue.fifo && strikesAt('duplicate', caller) ? 2 : PLAIN.copies;
      const lateMs = strikesAt('reorder', caller) ? Math.ceil(random() * LATEST_MS) : PLAIN.lateMs;
      return { copies, lateMs };
    },
    refused(entries, caller) {
      if (!strikesAt('partial-send', caller)) return [];
      // At least one, wherever it stands.
      const certain = Math.floor(random() * entries.length);
      return entries
        .filter((_, index) => index === certain || random() < 0.5)
        .map(({ Id }) => ({
          Id,
          Code: 'InternalError',
          Message: 'We encountered an internal error. Please try again.',
          SenderFault: false,
        }));
    },
    comesBack(queue, { sequence }, caller) {
      // Once deleted for good, no message has its number again.
      if (!queue.fifo || cameBack.delete(sequence) || !strikesAt('duplicate', caller)) return false;
      cameBack.add(sequence);
      return true;
    },
  };
};
