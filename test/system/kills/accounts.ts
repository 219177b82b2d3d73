import { paginateScan } from '@aws-sdk/client-dynamodb';
import { GetQueueAttributesCommand, ListQueuesCommand } from '@aws-sdk/client-sqs';

import type { FileView } from '#domain/public-file.ts';
import type { SystemClients } from '../../support/system.ts';
import { linesOf } from '../../support/system-files.ts';
import type { DroppedFile } from './payments.ts';

/** The detectors of card payments in the catalog: each decides every event. */
const DETECTORS = ['card-payments', 'card-payments-policy'];
const EVENT_KEYS = 'E#card_payment#';

/** A line for each thing that does not add up; none when all does. Files are of card payments, and no others there. */
export type Problems = readonly string[];

/**
 * Holds files that are complete against what they hold, their results, and the store.
 *
 * @param alone - whether nothing else may be in the store. @default true
 */
export const problemsOf = async (
  clients: SystemClients,
  files: readonly Pick<DroppedFile, 'fileId' | 'counts'>[],
  { alone = true }: { readonly alone?: boolean } = {},
): Promise<Problems> => {
  const ofFiles = await Promise.all(files.map((file) => fileProblems(clients, file)));
  const decided = ofFiles.flatMap(({ decidedRows }) => decidedRows);
  const isOurs = (origin: string) => alone || files.some(({ fileId }) => origin.startsWith(`file/${fileId}/`));
  return [
    ...ofFiles.flatMap(({ problems }) => problems),
    ...(await storeProblems(clients, decided, isOurs)),
    ...(alone ? await deadLetterProblems(clients) : []),
  ];
};

interface FileAccount {
  readonly problems: Problems;
  /** Origins of the rows that the results call decided: `file/<fileId>/<row>`. */
  readonly decidedRows: readonly string[];
}

const fileProblems = async (
  clients: SystemClients,
  { fileId, counts }: Pick<DroppedFile, 'fileId' | 'counts'>,
): Promise<FileAccount> => {
  const view = (await clients.client.call('GET', `v1/files/${fileId}`)).body as FileView;
  const results = await linesOf(clients, view.resultsKey);
  const rejects = await linesOf(clients, view.rejectsKey);
  const rowsThat = (disposition: string) =>
    results.filter((line) => line.disposition === disposition).map(({ row = '' }) => row);
  const decided = new Set(rowsThat('decided'));
  const { decided: mustDecide, duplicate, conflict, quarantined, rows } = counts;
  const lines = results.map(({ row, detector }) => `${row}/${detector}`);
  const problems = [
    ...unequal('rows', view.rows, rows),
    ...unequal('decided', view.counts.decided, mustDecide),
    ...unequal('duplicate', view.counts.duplicate, duplicate),
    ...unequal('conflict', view.counts.conflict, conflict),
    ...unequal('quarantined', view.counts.quarantined, quarantined),
    ...unequal('dead', view.counts.dead, 0),
    ...unequal('imbalance', view.imbalance ?? 0, 0),
    ...unequal('lines of results that are there twice', lines.length - new Set(lines).size, 0),
    ...unequal('lines of decided rows', rowsThat('decided').length, mustDecide * DETECTORS.length),
    ...unequal('decided rows in the results', decided.size, mustDecide),
    ...unequal('duplicates in the results', new Set(rowsThat('duplicate')).size, duplicate),
    ...unequal('conflicts in the results', new Set(rowsThat('conflict')).size, conflict),
    ...unequal('rows in the rejects', new Set(rejects.map(({ row }) => row)).size, quarantined),
  ];
  return {
    problems: problems.map((problem) => `file ${fileId}: ${problem}`),
    decidedRows: [...decided].map((row) => `file/${fileId}/${row}`),
  };
};

/** Every decided row's event is in the store, by this very row, with one decision of each detector and no other. */
const storeProblems = async (
  { dynamoDb, tableName }: SystemClients,
  decidedRows: readonly string[],
  isOurs: (origin: string) => boolean,
): Promise<Problems> => {
  const origins = new Map<string, string>();
  const decisions = new Map<string, string[]>();
  const pages = paginateScan(
    { client: dynamoDb },
    { TableName: await tableName('EventTable'), ProjectionExpression: 'pk, sk, origin' },
  );
  for await (const { Items = [] } of pages) {
    for (const { pk: { S: pk = '' } = {}, sk: { S: sk = '' } = {}, origin } of Items) {
      if (!pk.startsWith(EVENT_KEYS)) continue;
      if (sk === 'EVENT') origins.set(pk, origin?.S ?? 'none');
      else decisions.set(pk, [...(decisions.get(pk) ?? []), sk]);
    }
  }
  const ours = [...origins].filter(([, origin]) => isOurs(origin));
  const stored = new Set(ours.map(([, origin]) => origin));
  const wanted = new Set(decidedRows);
  const wrongly = ours.filter(
    ([pk]) => decisions.get(pk)?.sort().join() !== DETECTORS.map((name) => `D#${name}`).join(),
  );
  return [
    ...unequal('events in the store', ours.length, decidedRows.length),
    ...unequal('decided rows that are not in the store', [...wanted].filter((row) => !stored.has(row)).length, 0),
    ...unequal('events in the store whose row is not decided', [...stored].filter((row) => !wanted.has(row)).length, 0),
    ...unequal('events without one decision of each detector', wrongly.length, 0),
  ];
};

const deadLetterProblems = async ({ sqs }: SystemClients): Promise<Problems> => {
  const { QueueUrls = [] } = await sqs.send(new ListQueuesCommand({}));
  const found = await Promise.all(
    QueueUrls.filter((url) => url.includes('DeadLetters')).map(async (QueueUrl) => {
      const command = new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['ApproximateNumberOfMessages'] });
      const { Attributes } = await sqs.send(command);
      return unequal(`messages in ${QueueUrl.split('/').at(-1)}`, Number(Attributes?.ApproximateNumberOfMessages), 0);
    }),
  );
  return found.flat();
};

const unequal = (what: string, is: number, mustBe: number): Problems =>
  is === mustBe ? [] : [`${what}: ${is} instead of ${mustBe}`];
