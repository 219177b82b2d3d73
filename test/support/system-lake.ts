import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { type AttributeValue, paginateScan } from '@aws-sdk/client-dynamodb';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { S3LakeStore } from '#adapters/s3-lake-store.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { compactNow } from '../../bin/export/compact-now.ts';
import { exportRows } from '../../bin/export/export-rows.ts';
import { windowOf } from '../../bin/export/window.ts';
import { LAKE_TABLE_NAMES } from '../../functions/lake/tables.ts';
import { eventually } from './eventually.ts';
import type { TestSystem } from './system.ts';

/** An item as DynamoDB's wire has it. */
export type Item = Record<string, AttributeValue>;

/** Items of a table whose sort key matches, but for the canary's. */
export const itemsOf = async ({ dynamoDb, tableName }: TestSystem, table: string, sk: RegExp): Promise<Item[]> => {
  const items: Item[] = [];
  for await (const { Items = [] } of paginateScan({ client: dynamoDb }, { TableName: await tableName(table) })) {
    items.push(...Items);
  }
  return items.filter((item) => sk.test(item.sk?.S ?? '') && !item.pk?.S?.startsWith('E#assay_canary#'));
};

/** The lake's bucket. */
export const lakeOf = ({ s3, system }: TestSystem): S3LakeStore =>
  new S3LakeStore(s3, system.lakeBucket, createAwsCaller({ random: Math.random, metrics: silentMetrics }));

/** Everything that the tables say was committed, by what its row is known by. */
export const commitsOf = async (system: TestSystem): Promise<readonly string[]> => {
  const items = [
    ...(await itemsOf(system, 'EventTable', /^(EVENT$|D#)/)),
    ...(await itemsOf(system, 'FeedbackTable', /^F#/)),
  ];
  return items.map(({ pk, sk }) => `${pk?.S} ${sk?.S}`).sort();
};

/** Every row of the lake, as its exports have it, once there are as many as there are commits. */
export const rowsOf = async (system: TestSystem): Promise<readonly string[]> => {
  let missing: readonly string[] = [];
  const whole = async (): Promise<readonly string[] | undefined> => {
    const names = await commitsOf(system);
    await compactNow(system.system);
    const found = await exportedRows(system, new Set(names.map((name) => name.split('#')[1] ?? '')));
    missing = names.filter((name) => !found.includes(name));
    return found.length >= names.length ? found : undefined;
  };
  return eventually('everything is in the lake', whole, 50_000).catch((error: Error) => {
    throw new Error(`${error.message}; ${missing.length} are missing, the first: ${missing.slice(0, 3).join(', ')}`);
  });
};

const exportedRows = async (system: TestSystem, eventTypes: ReadonlySet<string>): Promise<string[]> => {
  const found: string[] = [];
  for (const table of LAKE_TABLE_NAMES) {
    for (const eventType of eventTypes) {
      const out = join(system.scratch, `${table}-${eventType}.jsonl`);
      const query = { table, eventType, window: windowOf(undefined, undefined), by: 'committed' } as const;
      await exportRows(query, out, lakeOf(system), deadlineIn(30_000), () => {});
      const lines = readFileSync(out, 'utf8')
        .split('\n')
        .filter((line) => line !== '');
      found.push(...lines.map((line) => nameOf(table, JSON.parse(line))));
    }
  }
  return found.sort();
};

const nameOf = (table: string, row: Readonly<Record<string, unknown>>): string => {
  const sk = { events: 'EVENT', decisions: `D#${row.detector}`, feedback: `F#${row.feedback_id}` }[table];
  return `E#${row.event_type}#${row.event_id} ${sk}`;
};
