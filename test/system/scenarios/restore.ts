import {
  CreateTableCommand,
  DeleteItemCommand,
  DeleteTableCommand,
  PutItemCommand,
  paginateScan,
} from '@aws-sdk/client-dynamodb';
import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { describe, expect, test } from '@jest/globals';

import { deadlineIn } from '#runtime/deadline.ts';
import { restoreObjects } from '../../../bin/restore/restore-objects.ts';
import { type RestoreOptions, restoreTable } from '../../../bin/restore/restore-table.ts';
import { changesOf, LANDING } from '../../../functions/lake/landing.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { csvOf, dropContent, endOfFile, linesOf } from '../../support/system-files.ts';
import { type Item, lakeOf, rowsOf } from '../../support/system-lake.ts';
import { aTransfer } from '../../support/system-requests.ts';

const TABLES = ['EventTable', 'FeedbackTable', 'FileTable', 'PeopleTable'] as const;
const ROWS = 40;
const idOf = (row: number): string => `restore-${row}`;
const decisionsOf = (body: unknown): number => (body as { decisions: readonly unknown[] }).decisions.length;

interface PublishedEvent {
  readonly detail: { readonly id: string; readonly eventId?: string };
}

const keyOf = ({ pk, sk }: Item) => ({ pk: pk!, sk: sk! });

/** The restore procedure of docs/runbook.md: state is backed up, lost and brought back while the system runs. */
export const restore = (systemOf: () => TestSystem, published: () => readonly PublishedEvent[]): void =>
  describe('a restore', () => {
    const itemsIn = async (TableName: string, isOurs: (item: Item) => boolean = () => true): Promise<Item[]> => {
      const items: Item[] = [];
      for await (const { Items = [] } of paginateScan({ client: systemOf().dynamoDb }, { TableName }))
        items.push(...Items);
      return items.filter(isOurs);
    };
    const put = (TableName: string, Item: Item) => systemOf().dynamoDb.send(new PutItemCommand({ TableName, Item }));
    const remove = (TableName: string, items: readonly Item[]) =>
      Promise.all(
        items.map((item) => systemOf().dynamoDb.send(new DeleteItemCommand({ TableName, Key: keyOf(item) }))),
      );
    /** What a point-in-time restore makes: a new table, with the items of a moment and nothing else of the old one. */
    const backUp = async (TableName: string, items: readonly Item[]): Promise<void> => {
      const key = (AttributeName: string, KeyType: 'HASH' | 'RANGE') => ({ AttributeName, KeyType });
      await systemOf().dynamoDb.send(
        new CreateTableCommand({
          TableName,
          BillingMode: 'PAY_PER_REQUEST',
          AttributeDefinitions: ['pk', 'sk'].map((AttributeName) => ({ AttributeName, AttributeType: 'S' })),
          KeySchema: [key('pk', 'HASH'), key('sk', 'RANGE')],
        }),
      );
      for (const item of items) await put(TableName, item);
    };
    const copy = (from: string, to: string, options: Partial<RestoreOptions> = {}) =>
      restoreTable(systemOf().dynamoDb, {
        from,
        to,
        dryRun: false,
        replace: false,
        asNew: false,
        nowMs: Date.now(),
        onPage: () => {},
        ...options,
      });
    /** Sort keys of a partition as they have been brought to the lake, as often as they have. */
    const landedOf = async (pk: string): Promise<string[]> => {
      const [lake, deadline] = [lakeOf(systemOf()), deadlineIn(10_000)];
      const found: string[] = [];
      for await (const { key } of lake.list(LANDING, LANDING, deadline)) {
        const object = await lake.get(key, deadline);
        found.push(...changesOf(object!.bytes).flatMap((change) => (change.pk === pk ? [change.sk] : [])));
      }
      return found;
    };
    const unmarked = ({ restoredAt: _, ...item }: Item): string => JSON.stringify(Object.entries(item).sort());
    const sorted = (items: readonly Item[]): readonly string[] => items.map(unmarked).sort();

    test('brings back decisions, duplicates, files and results, and doubles nothing in the lake', async () => {
      const { client, s3, system, tableName } = systemOf();
      const at = new Date(Date.now() - 60_000).toISOString();
      const rows = Array.from({ length: ROWS }, (_, row) => [idOf(row), at, `payer-${row}`, 'payee', 500]);
      const csv = csvOf('event_id,occurred_at,payer,payee,amount', rows);
      const first = await endOfFile(systemOf(), await dropContent(systemOf(), 'events/transfer/restore.csv', csv));
      const decided = await client.call('GET', `v1/decisions/transfer/${idOf(0)}`);
      const results = await linesOf(systemOf(), first.resultsKey);
      const mine = ({ pk }: Item): boolean =>
        pk!.S!.startsWith('E#transfer#restore-') || pk!.S === `F#${first.fileId}` || pk!.S!.startsWith('P#');
      const backups = await Promise.all(
        TABLES.map(async (table) => {
          const name = await tableName(table);
          return { table, name, restored: `restored.${table}`, items: await itemsIn(name, mine) };
        }),
      );
      for (const { restored, items } of backups) await backUp(restored, items);
      await rowsOf(systemOf());

      // The disaster: all of it is gone from the tables, and the results from their bucket.
      const since = new Date(Date.now() - 1_000);
      for (const { name, items } of backups) await remove(name, items);
      await s3.send(new DeleteObjectCommand({ Bucket: system.resultBucket, Key: first.resultsKey }));
      expect((await client.call('GET', `v1/decisions/transfer/${idOf(0)}`)).status).toBe(404);
      expect((await client.call('GET', `v1/files/${first.fileId}`)).status).toBe(404);
      // Somebody sends one of the lost events again, with other content, before it is back.
      await client.call('POST', 'v1/decisions', { event: aTransfer(idOf(1)) });

      const counts = [];
      for (const { name, restored, items } of backups) {
        const looked = await copy(restored, name, { dryRun: true });
        const done = await copy(restored, name);
        expect(looked).toEqual(done);
        expect(done.read).toBe(items.length);
        const again = await copy(restored, name);
        expect(again).toMatchObject({
          restored: 0,
          superseded: done.superseded,
          present: done.restored + done.present,
        });
        counts.push(done);
      }
      const object = { bucket: system.resultBucket, prefix: 'results/transfer/', since, onPage: () => {} };
      expect(await restoreObjects(s3, { ...object, dryRun: true })).toBe(1);
      expect(await restoreObjects(s3, { ...object, dryRun: false })).toBe(1);

      // Decisions read back, and what was sent anew meanwhile stands.
      expect(counts[0]!.superseded).toBeGreaterThanOrEqual(2);
      expect(await client.call('GET', `v1/decisions/transfer/${idOf(0)}`)).toEqual(decided);
      for (const { name, items } of backups) {
        const anew = ({ pk }: Item): boolean => pk!.S === `E#transfer#${idOf(1)}`;
        const present = (await itemsIn(name, mine)).filter((item) => !anew(item));
        const wanted = items.filter((item) => !anew(item));
        expect(sorted(present)).toEqual(expect.arrayContaining([...sorted(wanted)]));
      }
      expect(await linesOf(systemOf(), first.resultsKey)).toEqual(results);
      const { seconds: _, resultsAt: __, rejectsAt: ___, ...view } = first;
      expect((await client.call('GET', `v1/files/${first.fileId}`)).body).toEqual(view);

      // The same file once more: every row is known, but for the one whose content is another by now.
      const second = await endOfFile(systemOf(), await dropContent(systemOf(), 'events/transfer/restore.csv', csv));
      expect(second).toMatchObject({ rows: ROWS, counts: { decided: 0, duplicate: ROWS - 1, conflict: 1, dead: 0 } });

      // What comes behind it in the stream is in the lake: what was put back has gone by, and was not landed again.
      await client.call('POST', 'v1/decisions', { event: aTransfer('restore-after') });
      expect(await rowsOf(systemOf())).toContain('E#transfer#restore-after EVENT');
      const landed = await landedOf('E#transfer#restore-0');
      expect(landed).toHaveLength(decisionsOf(decided.body) + 1);
      expect(new Set(landed).size).toBe(landed.length);
      await eventually('what comes behind it is published', async () =>
        published().some(({ detail }) => detail.eventId === 'restore-after') ? true : undefined,
      );
      expect(published().filter(({ detail }) => detail.eventId === idOf(0))).toHaveLength(decisionsOf(decided.body));
      for (const { restored } of backups) {
        await systemOf().dynamoDb.send(new DeleteTableCommand({ TableName: restored }));
      }
    }, 90_000);

    test('brings back no key of a person whose erasure is on record, and one that was made later', async () => {
      const people = await systemOf().tableName('PeopleTable');
      const key = (person: string, madeAt: string): Item => ({
        pk: { S: `P#customer#${person}` },
        sk: { S: 'KEY' },
        v: { N: '1' },
        madeAt: { S: madeAt },
      });
      const items = [key('erased', '2026-01-01T00:00:00.000Z'), key('back', '2026-03-01T00:00:00.000Z')];
      await backUp('restored.people', items);
      for (const { pk } of items) {
        await put(people, { pk: pk!, sk: { S: 'ERASED#2026-02-01T00:00:00.000Z' }, v: { N: '1' } });
      }

      expect(await copy('restored.people', people)).toMatchObject({ read: 2, restored: 1, erased: 1 });
      const keys = await itemsIn(people, ({ pk, sk }) => sk!.S === 'KEY' && /#(erased|back)$/.test(pk!.S!));
      expect(keys.map(({ pk }) => pk!.S)).toEqual(['P#customer#back']);

      await remove(people, await itemsIn(people, ({ pk }) => /#(erased|back)$/.test(pk!.S!)));
      await systemOf().dynamoDb.send(new DeleteTableCommand({ TableName: 'restored.people' }));
    });

    test('goes on where it was broken off', async () => {
      const TableName = await systemOf().tableName('ProfileTable');
      const item = (number: number): Item => ({
        pk: { S: `restored-profile-${number}` },
        sk: { S: 'A' },
        ballast: { S: 'x'.repeat(390_000) },
      });
      await backUp('restored.profiles', [1, 2, 3, 4, 5, 6].map(item));
      const breakOff = (): never => {
        throw new Error('the power went');
      };
      let position: Parameters<RestoreOptions['onPage']>[0] | undefined;
      const note = (at: NonNullable<typeof position>): void => {
        position = at;
        breakOff();
      };

      await expect(copy('restored.profiles', TableName, { onPage: note })).rejects.toThrow('the power went');
      expect(position?.after).toBeDefined();
      const counts = await copy('restored.profiles', TableName, { ...(position && { position }) });

      expect(counts).toMatchObject({ read: 6, restored: 6, present: 0 });
      await remove(TableName, await itemsIn(TableName, ({ pk }) => pk!.S!.startsWith('restored-profile-')));
      await systemOf().dynamoDb.send(new DeleteTableCommand({ TableName: 'restored.profiles' }));
    });
  });
