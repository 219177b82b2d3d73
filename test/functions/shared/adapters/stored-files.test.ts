import { readFileSync } from 'node:fs';

import { type AttributeValue, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';

import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { DynamoOpenFiles } from '#adapters/dynamo-open-files.ts';
import { type Feedback, FeedbackSchema } from '#domain/feedback.ts';
import { type ChunkRecord, ChunkRecordSchema, type FileRecord, FileRecordSchema } from '#domain/file-record.ts';
import { EventChunkSchema, FeedbackChunkSchema, FileMessageSchema } from '#domain/messages.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { type ServedTable, serveTable } from '../../../contracts/dynamodb.ts';

type Item = Record<string, AttributeValue>;

const stored = (name: string): unknown =>
  JSON.parse(readFileSync(new URL(`../../../fixtures/stored/v1/${name}.json`, import.meta.url), 'utf8'));
const recordIn = (item: unknown): unknown => JSON.parse((item as Item).record?.S ?? 'null');

const file = recordIn(stored('file-item')) as FileRecord;
const chunk = recordIn(stored('chunk-item')) as ChunkRecord;
const feedback = recordIn(stored('feedback-item')) as Feedback;
/** When the fixtures were stored, which their expiry counts from. */
const clock = { nowMs: () => Date.parse('2026-11-20T12:00:00Z') };

let table: ServedTable;
beforeAll(async () => {
  table = await serveTable('stored');
});
afterAll(() => table.served.close());
const options = () => ({
  dynamoDb: table.served.client,
  tableName: table.tableName,
  retentionDays: 400,
  call: table.call,
  clock,
});
const put = (name: string) =>
  table.served.client.send(new PutItemCommand({ TableName: table.tableName, Item: stored(name) as Item }));
const itemAt = ({ pk, sk }: Item): unknown =>
  table.served.service().handle('GetItem', { TableName: table.tableName, Key: { pk, sk } }).body;

describe('what version 1 stored', () => {
  test('of files, chunks and feedback is still read as it was', async () => {
    await Promise.all(['file-item', 'chunk-item', 'feedback-item', 'open-item'].map(put));
    const ledger = new DynamoFileLedger(options());

    expect(await ledger.find(file.fileId)).toEqual(file);
    expect(await ledger.findChunk(chunk.fileId, chunk.sequence)).toEqual(chunk);
    expect(await new DynamoOpenFiles(options()).look(file.fileId, deadlineIn(2_000))).toMatchObject({ record: file });
    expect(
      await new DynamoFeedbackLedger(options()).forEvent(feedback.eventType, feedback.eventId, deadlineIn(2_000)),
    ).toEqual([feedback]);
  });

  test.each([
    { name: 'event-chunk', schema: EventChunkSchema },
    { name: 'feedback-chunk', schema: FeedbackChunkSchema },
    { name: 'continue-message', schema: FileMessageSchema },
    { name: 'settle-message', schema: FileMessageSchema },
  ])('on a queue is still taken: $name', ({ name, schema }) => {
    expect(schema.parse(stored(name))).toEqual(stored(name));
  });
});

describe('what is stored now', () => {
  // A change of the shape needs a new version and fixtures of its own; these stay for what is stored already.
  test('has the shape of version 1', async () => {
    const ledger = new DynamoFileLedger(options());
    const [fileId, eventId] = ['stored-now', 'stored-now'];
    const keyed = (name: string, pk: string): Item => ({ ...(stored(name) as Item), pk: { S: pk } });
    const now = (item: Item, record: object): Item => ({ ...item, record: { S: JSON.stringify(record) } });
    await ledger.begin({ ...file, fileId });
    await ledger.addChunks([{ ...chunk, fileId }]);
    await new DynamoFeedbackLedger(options()).add(
      [{ feedback: { ...feedback, eventId }, origin: 'file/0123456789abcdef01234567/3' }],
      deadlineIn(2_000),
    );

    const fileItem = now(keyed('file-item', `F#${fileId}`), { ...file, fileId });
    const chunkItem = now(keyed('chunk-item', `F#${fileId}`), { ...chunk, fileId });
    const feedbackItem = now(keyed('feedback-item', `E#card_payment#${eventId}`), { ...feedback, eventId });
    const openItem = { ...keyed('open-item', `F#${fileId}`), openShard: { S: 'OPEN#s' } };
    for (const item of [fileItem, chunkItem, feedbackItem, openItem]) expect(itemAt(item)).toEqual({ Item: item });
  });

  test('fits its schemas', () => {
    expect(FileRecordSchema.parse(file)).toEqual(file);
    expect(ChunkRecordSchema.parse(chunk)).toEqual(chunk);
    expect(FeedbackSchema.parse(feedback)).toEqual(feedback);
  });
});
