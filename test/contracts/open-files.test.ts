import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { DynamoOpenFiles } from '#adapters/dynamo-open-files.ts';
import { MemoryFileLedger } from '#adapters/memory-file-ledger.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import type { OpenFiles } from '#ports/open-files.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { newRecord } from '../../functions/ingestion/file-of-object.ts';
import { pairTable, type Served, serveDynamoDb } from '../local/dynamodb/serve.ts';

const START_MS = Date.parse('2026-11-20T12:00:00Z');
const time = { nowMs: START_MS };
const clock = { nowMs: () => time.nowMs };
const TABLE = 'open-files';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
  await served.client.send(
    new CreateTableCommand(
      pairTable(TABLE, {
        AttributeDefinitions: ['pk', 'sk', 'openShard', 'openSince'].map(
          (AttributeName) => ({ AttributeName, AttributeType: 'S' }) as const,
        ),
        GlobalSecondaryIndexes: [
          {
            IndexName: 'open-files',
            KeySchema: [
              { AttributeName: 'openShard', KeyType: 'HASH' },
              { AttributeName: 'openSince', KeyType: 'RANGE' },
            ],
            Projection: { ProjectionType: 'KEYS_ONLY' },
          },
        ],
      }),
    ),
  );
});
afterAll(() => served.close());

const onDynamo = () => {
  const call = createAwsCaller({ random: () => 0, metrics: silentMetrics });
  const options = { dynamoDb: served.client, tableName: TABLE, retentionDays: 30, call, clock };
  return { ledger: new DynamoFileLedger(options), openFiles: new DynamoOpenFiles(options) };
};
const inMemory = () => {
  const ledger = new MemoryFileLedger({ clock });
  return { ledger, openFiles: ledger };
};

let files = 0;
/** Ids as they are made: hex, so that each falls into a shard. */
const newId = (): string => (++files * 7).toString(16).padStart(24, String(files % 10));
const begin = async (ledger: FileLedger) => {
  const source = { kind: 's3', bucket: 'inbox', key: 'events/payment/a.csv', versionId: 'v1', bytes: 12 } as const;
  const record = newRecord({ fileId: newId(), purpose: 'events', eventType: 'payment', source }, time.nowMs);
  return ledger.begin(record);
};
const deadline = deadlineIn(60_000);
const openIds = async (openFiles: OpenFiles): Promise<readonly string[]> => {
  const ids: string[] = [];
  for await (const fileId of openFiles.list(deadline)) ids.push(fileId);
  return ids;
};

describe.each<{ name: string; create: () => { ledger: FileLedger; openFiles: OpenFiles } }>([
  { name: 'memory', create: inMemory },
  { name: 'DynamoDB', create: onDynamo },
])('open files on $name', ({ create }) => {
  test('a file is open from its beginning until it is closed, and again when it is opened again', async () => {
    const { ledger, openFiles } = create();
    const record = await begin(ledger);
    const { fileId } = record;

    expect(await openIds(openFiles)).toContain(fileId);
    expect(await openFiles.look(fileId, deadline)).toEqual({
      fileId,
      openedAtMs: time.nowMs,
      record,
      leased: false,
      redrives: 0,
    });
    await openFiles.close({ fileId, openedAtMs: time.nowMs }, deadline);
    expect(await openIds(openFiles)).not.toContain(fileId);
    expect(await openFiles.look(fileId, deadline)).toBeUndefined();
    await ledger.begin(record);
    expect(await openIds(openFiles)).not.toContain(fileId);
    await ledger.reopen(fileId);
    expect(await openIds(openFiles)).toContain(fileId);
  });

  test('stays open when it was opened again behind the look that would close it', async () => {
    const { ledger, openFiles } = create();
    const { fileId } = await begin(ledger);
    const seen = (await openFiles.look(fileId, deadline))!;
    time.nowMs += 1;
    await ledger.reopen(fileId);

    await openFiles.close(seen, deadline);

    expect(await openIds(openFiles)).toContain(fileId);
  });

  test('remembers how far a file was and since when, and how often it was made to move', async () => {
    const { ledger, openFiles } = create();
    const { fileId } = await begin(ledger);
    await openFiles.noteProgress(fileId, 'reading/100', deadline);
    const first = await openFiles.look(fileId, deadline);
    const atMs = time.nowMs;
    time.nowMs += 5_000;

    await openFiles.noteRedrive(fileId, deadline);
    await openFiles.noteRedrive(fileId, deadline);

    expect(first).toMatchObject({ seen: { progress: 'reading/100', atMs }, redrives: 0 });
    expect(await openFiles.look(fileId, deadline)).toMatchObject({
      seen: { progress: 'reading/100', atMs: time.nowMs },
      redrives: 2,
    });
  });

  test('says whether somebody works on a file', async () => {
    const { ledger, openFiles } = create();
    const { fileId } = await begin(ledger);
    await ledger.takeLease(fileId, 'somebody', time.nowMs + 1_000);

    expect(await openFiles.look(fileId, deadline)).toMatchObject({ leased: true });
    time.nowMs += 1_001;
    expect(await openFiles.look(fileId, deadline)).toMatchObject({ leased: false });
  });

  test('knows nothing of a file that never began', async () => {
    expect(await create().openFiles.look('f'.repeat(24), deadline)).toBeUndefined();
  });
});
