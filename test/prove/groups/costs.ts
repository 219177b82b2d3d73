import type { Cloud } from '../cloud/cloud.ts';
import type { Truth } from '../ledger/truth.ts';

/**
 * Work that events may cost in quiet times: calls of services, and items of DynamoDB. Each bound is what a run takes
 * and a sixth more, so that a function that does anything twice is above it.
 */
const MOST = {
  /** Calls of ingestion for each file, and for each of its chunks. */
  perFile: 21,
  perChunkRead: 4,
  /** Calls of scoring for each chunk, endpoints apart. */
  perChunkDecided: 9,
  asksPerOrder: 1.05,
  itemsWrittenPerEvent: 2.6,
  itemsReadPerEvent: 2.6,
} as const;

const CHUNK_ROWS = 100;

/** Calls by functions whose names start so, of services whose names start so. */
export const callsOf = ({ tally }: Cloud, start: string, service = ''): number =>
  [...tally.calls]
    .filter(([name]) => name.startsWith(`${start} ${service}`))
    .reduce((sum, [, count]) => sum + count, 0);

/** Chunks that what was sent makes, at least. */
const chunksOf = ({ files, batches }: Truth): number =>
  [...files, ...batches].reduce((sum, { samples }) => sum + Math.ceil(samples.length / CHUNK_ROWS), 0);

/** Files and chunks of feedback, which ingestion reads as it does those of events. */
const feedbackOf = ({ feedback: { files } }: Truth) => ({
  files: files.length,
  chunks: files.reduce((sum, { said }) => sum + Math.ceil(said.length / CHUNK_ROWS), 0),
});

const ordersOf = (truth: Truth): number =>
  [...truth.sendings().values()].flat().filter(({ sample }) => sample.eventType === 'order').length;

const asksOf = (cloud: Cloud): number =>
  callsOf(cloud, 'scoring/queue', 'sagemaker') + callsOf(cloud, 'scoring/api', 'sagemaker');

interface Measured {
  readonly what: string;
  readonly is: number;
  readonly most: number;
}

const above = (measured: readonly Measured[]): readonly string[] =>
  measured
    .filter(({ is, most }) => is > most)
    .map(({ what, is, most }) => `cost bound: ${Math.ceil(is)} ${what}, ${Math.floor(most)} at most`);

/** Bounds of quiet times that were not kept: work done for nothing. */
export const costProblems = (cloud: Cloud, truth: Truth): readonly string[] => {
  const chunks = chunksOf(truth);
  const feedback = feedbackOf(truth);
  const { itemsRead, itemsWritten } = cloud.dynamoDb.usage;
  return above([
    {
      what: 'calls of ingestion/files',
      is: callsOf(cloud, 'ingestion/files'),
      most: (truth.files.length + feedback.files) * MOST.perFile + (chunks + feedback.chunks) * MOST.perChunkRead,
    },
    {
      what: 'calls of scoring/queue',
      is: callsOf(cloud, 'scoring/queue') - callsOf(cloud, 'scoring/queue', 'sagemaker'),
      most: chunks * MOST.perChunkDecided,
    },
    { what: 'calls of endpoints', is: asksOf(cloud), most: ordersOf(truth) * MOST.asksPerOrder },
    { what: 'items written', is: itemsWritten, most: truth.sent * MOST.itemsWrittenPerEvent },
    { what: 'items read', is: itemsRead, most: truth.sent * MOST.itemsReadPerEvent },
  ]);
};

/** Calls that a delivery of a chunk may cost that is settled already. */
const PER_REPEAT = 1.5;

/** A chunk that comes again is recognised by one look. */
export const repeatProblems = (cloud: Cloud, truth: Truth): readonly string[] => {
  const chunks = chunksOf(truth);
  const delivered = cloud.tally.deliveries.get(cloud.queueOf('CHUNK_QUEUE_URL').wiring.name) ?? 0;
  return above([
    {
      what: 'calls of scoring/queue',
      is: callsOf(cloud, 'scoring/queue') - callsOf(cloud, 'scoring/queue', 'sagemaker'),
      most: chunks * MOST.perChunkDecided + (delivered - chunks) * PER_REPEAT,
    },
  ]);
};

/** Transactions of deciding from the queue for each chunk: what a read left out is read again, not written in vain. */
const PER_CHUNK_COMMITTED = 3;

/** Reads that leave keys unprocessed make more reads, and no more writes. */
export const unprocessedProblems = (cloud: Cloud, truth: Truth): readonly string[] =>
  above([
    {
      what: 'transactions of scoring/queue',
      is: callsOf(cloud, 'scoring/queue', 'dynamodb.TransactWriteItems'),
      most: chunksOf(truth) * PER_CHUNK_COMMITTED,
    },
  ]);

/** Calls of a service that is down, for each event of the run, at most: what is down is not asked again and again. */
export const outageProblems =
  (service: 'dynamodb' | 'sagemaker' | 'sqs', most: number) => (cloud: Cloud, truth: Truth) => {
    const functions = [...new Set(cloud.wiring.functions.map(({ entry }) => entry))];
    const calls = functions.reduce((sum, entry) => sum + callsOf(cloud, entry, service), 0);
    return above([
      { what: `calls of ${service}`, is: calls, most: most * (service === 'sagemaker' ? ordersOf(truth) : truth.sent) },
    ]);
  };
