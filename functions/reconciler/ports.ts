import type { FileRecord } from '#domain/file-record.ts';
import type { FileMessages } from '#ports/chunk-queue.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { DecisionStore } from '#ports/decision-store.ts';
import type { FeedbackLedger } from '#ports/feedback-ledger.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ObjectBucket } from '#ports/object-store.ts';
import type { OpenFiles } from '#ports/open-files.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';

/** Tells whether messages with chunks are on their way. */
export interface ChunkQueues {
  /** Whether neither the queue nor the dead-letter queue behind it holds a message, in flight or delayed ones included. */
  areEmpty(purpose: FileRecord['purpose'], deadline: Deadline): Promise<boolean>;
}

/** What reconciling needs of the world. */
export interface ReconcilePorts {
  readonly clock: Clock;
  readonly openFiles: OpenFiles;
  readonly ledger: Pick<FileLedger, 'find' | 'chunksAfter' | 'settleChunk' | 'takeLease' | 'releaseLease' | 'update'>;
  readonly decisions: Pick<DecisionStore, 'find'>;
  readonly feedback: Pick<FeedbackLedger, 'originsOfEvent'>;
  readonly results: Pick<ObjectBucket, 'open'>;
  readonly messages: FileMessages;
  readonly queues: ChunkQueues;
  readonly logger: Logger;
  readonly metrics: Metrics;
}
