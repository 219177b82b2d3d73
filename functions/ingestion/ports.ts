import { ServiceError } from '#domain/errors.ts';
import type { CatalogSource } from '#ports/catalog-source.ts';
import type { ChunkQueue, FileMessages } from '#ports/chunk-queue.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { ObjectBucket } from '#ports/object-store.ts';
import type { Sealer } from '#ports/sealer.ts';
import type { Logger, Metrics } from '#ports/telemetry.ts';
import type { TokeniserSource } from '#ports/tokeniser.ts';

/** What ingestion of files needs of the world. */
export interface IngestionPorts {
  readonly clock: Clock;
  readonly catalog: CatalogSource;
  readonly tokenisers: TokeniserSource;
  readonly sealer: Sealer;
  readonly ledger: FileLedger;
  readonly inbox: ObjectBucket;
  readonly results: ObjectBucket;
  readonly quarantine: ObjectBucket;
  readonly eventChunks: ChunkQueue;
  readonly feedbackChunks: ChunkQueue;
  readonly messages: FileMessages;
  readonly retentionDays: number;
}

/** One delivery of a message: how long it may take, whose lease it takes, and where it tells what happens. */
export interface Delivery {
  readonly deadline: Deadline;
  /** Unique for each delivery: the owner of leases. */
  readonly owner: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** A lease is short and renewed while work goes on: when an invocation is killed, its file waits no longer than this. */
const LEASE_MS = 20_000;
const RENEW_MS = 5_000;

/**
 * Does work on a file that one delivery alone may do at a time.
 *
 * @returns false when another delivery is at it, and nothing was done.
 */
export const withLease = async (
  fileId: string,
  { owner, logger }: Delivery,
  { ledger, clock }: Pick<IngestionPorts, 'ledger' | 'clock'>,
  work: () => Promise<void>,
): Promise<boolean> => {
  const until = () => clock.nowMs() + LEASE_MS;
  if (!(await ledger.takeLease(fileId, owner, until()))) return false;
  let renewal: Promise<unknown> = Promise.resolve();
  const timer = setInterval(() => {
    // A renewal that fails costs the lease at worst, and then the ledger refuses what this delivery writes.
    renewal = ledger.renewLease(fileId, owner, until()).catch(() => {});
  }, RENEW_MS);
  try {
    await work();
  } finally {
    clearInterval(timer);
    // A renewal that came behind the release would keep the file for nobody.
    await renewal;
    // It ends by itself if it cannot be given back; what the work threw matters more.
    await ledger
      .releaseLease(fileId, owner)
      .catch((error) => logger.warn('lease kept', { fileId, why: String(error?.name) }));
  }
  return true;
};

/** Whether something is down that will be up again, so that trying later is better than giving the message back. */
export const isPassing = (error: unknown): boolean =>
  error instanceof ServiceError && error.code.endsWith('_unavailable');
