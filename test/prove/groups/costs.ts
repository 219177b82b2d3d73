import { appendFileSync } from 'node:fs';
import type { Cloud } from '../cloud/cloud.ts';
import type { Truth } from '../ledger/truth.ts';

/**
 * Work that one event may cost in quiet times: calls by function and service, and items of DynamoDB. Each bound is
 * what a run takes, and a seventh more. A function that does anything twice is far above.
 */
const CALLS_PER_EVENT = {
  'ingestion/files': 0.075,
  'scoring/queue': 0.11,
} as const;
const ITEMS_WRITTEN_PER_EVENT = 2.6;
const ITEMS_READ_PER_EVENT = 1.3;
const ASKED_PER_ORDER = 1.05;

/** Bounds that were not kept: work done for nothing. */
export const costProblems = (cloud: Cloud, truth: Truth): readonly string[] => {
  const rows = [...truth.files, ...truth.batches].reduce((sum, { samples }) => sum + samples.length, 0);
  const orders = [...truth.sendings().values()].flat().filter(({ sample }) => sample.eventType === 'order').length;
  const calls = (start: string, service = ''): number =>
    [...cloud.tally.calls]
      .filter(([name]) => name.startsWith(`${start} ${service}`))
      .reduce((sum, [, count]) => sum + count, 0);
  const asked = calls('scoring/queue', 'sagemaker') + calls('scoring/api', 'sagemaker');
  const { itemsRead, itemsWritten } = cloud.dynamoDb.usage;
  const measured: readonly (readonly [string, number, number])[] = [
    ...Object.entries(CALLS_PER_EVENT).map(([name, most]): [string, number, number] => {
      const remote = name === 'scoring/queue' ? calls(name, 'sagemaker') : 0;
      return [`calls of ${name} per event`, (calls(name) - remote) / rows, most];
    }),
    ['endpoint calls per order', asked / Math.max(1, orders), ASKED_PER_ORDER],
    ['items written per event', itemsWritten / truth.sent, ITEMS_WRITTEN_PER_EVENT],
    ['items read per event', itemsRead / truth.sent, ITEMS_READ_PER_EVENT],
  ];
  if (process.env.ASSAY_PROVE_COSTS) appendFileSync('/tmp/costs.txt', `${JSON.stringify(measured)}\n`);
  return measured
    .filter(([, is, most]) => is > most)
    .map(([what, is, most]) => `cost: ${is.toFixed(3)} ${what} are above ${most}`);
};
