import { DeleteItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { DescribeStreamCommand, DynamoDBStreamsClient, ListStreamsCommand } from '@aws-sdk/client-dynamodb-streams';
import { LambdaClient, ListEventSourceMappingsCommand } from '@aws-sdk/client-lambda';
import { ReceiveMessageCommand, SendMessageCommand, StartMessageMoveTaskCommand } from '@aws-sdk/client-sqs';
import { describe, expect, test } from '@jest/globals';

import { PUBLISHED_SCHEMAS } from '#domain/published/published-event.ts';
import { toPublish } from '#domain/published/to-publish.ts';
import { StreamRecordSchema } from '#domain/stream-record.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { compactNow } from '../../../bin/export/compact-now.ts';
import { aDecision, anEvent } from '../../support/decisions.ts';
import { eventually } from '../../support/eventually.ts';
import type { TestSystem } from '../../support/system.ts';
import { commitsOf, type Item, itemsOf, lakeOf, rowsOf } from '../../support/system-lake.ts';
import { aTransfer } from '../../support/system-requests.ts';

interface BusEvent {
  readonly source: string;
  readonly 'detail-type': keyof typeof PUBLISHED_SCHEMAS;
  readonly detail: { readonly id: string };
}

/** Everything that was put on the stage's own bus. */
export class EventLog {
  readonly events: BusEvent[] = [];

  readonly record = (bus: string, event: object): void => {
    if (bus === 'assay-system') this.events.push(event as BusEvent);
  };

  get ids(): ReadonlySet<string> {
    return new Set(this.events.map(({ detail }) => detail.id));
  }
}

/** What follows a commit: events for whoever listens, and rows for whoever asks later. */
export const afterTheCommit = (systemOf: () => TestSystem, published: EventLog): void => {
  /** The id of the event that an item is published as; undefined for one that is not. */
  const idOf = (item: Item): string | undefined =>
    toPublish(
      StreamRecordSchema.parse({
        eventName: 'INSERT',
        eventSourceARN: 'arn',
        dynamodb: {
          ApproximateCreationDateTime: 0,
          Keys: { pk: item.pk, sk: item.sk },
          NewImage: item,
          SequenceNumber: '0',
        },
      }),
    )?.detail.id;
  const committed = (table: string, sk: RegExp): Promise<Item[]> => itemsOf(systemOf(), table, sk);
  const lake = () => lakeOf(systemOf());
  const send = async (queue: string, body: object): Promise<void> => {
    const { sqs, queueUrl } = systemOf();
    await sqs.send(new SendMessageCommand({ QueueUrl: await queueUrl(queue), MessageBody: JSON.stringify(body) }));
  };
  const given = { key: { pk: { S: 'E#transfer#broken-1' }, sk: { S: 'D#transfers' } }, v: { N: '1' } };
  const putBroken = async (record: string): Promise<void> => {
    const { dynamoDb, tableName } = systemOf();
    const Item = { ...given.key, v: given.v, record: { S: record } };
    await dynamoDb.send(new PutItemCommand({ TableName: await tableName('EventTable'), Item }));
  };
  /** ARN of a function that follows streams, as its mapping has it. */
  const followerNamed = async (name: string): Promise<string> => {
    const { region, endpoint = '', credentials = { accessKeyId: '', secretAccessKey: '' } } = systemOf().system;
    const lambda = new LambdaClient({ region, endpoint, credentials });
    const { EventSourceMappings = [] } = await lambda.send(new ListEventSourceMappingsCommand({}));
    lambda.destroy();
    return EventSourceMappings.find(({ FunctionArn }) => FunctionArn?.includes(name))?.FunctionArn ?? '';
  };
  const streamOf = async (table: string) => {
    const { system } = systemOf();
    const { region, endpoint = '', credentials = { accessKeyId: '', secretAccessKey: '' } } = system;
    const streams = new DynamoDBStreamsClient({ region, endpoint, credentials });
    const TableName = await systemOf().tableName(table);
    const { Streams } = await streams.send(new ListStreamsCommand({ TableName }));
    const StreamArn = Streams?.[0]?.StreamArn ?? '';
    const { StreamDescription } = await streams.send(new DescribeStreamCommand({ StreamArn }));
    streams.destroy();
    const { ShardId = '', SequenceNumberRange } = StreamDescription?.Shards?.[0] ?? {};
    return { streamArn: StreamArn, shardId: ShardId, first: SequenceNumberRange?.StartingSequenceNumber ?? '' };
  };

  describe('what was committed', () => {
    test('is on the bus, all of it and nothing else, each event as its schema says', async () => {
      const { client } = systemOf();
      await client.call('POST', 'v1/decisions', { event: aTransfer('followed-1') });
      const said = [{ eventId: 'followed-1', eventType: 'transfer', label: 'fraud' }];
      expect(await client.call('POST', 'v1/feedback', { feedback: said })).toMatchObject({ status: 200 });

      const expected = await eventually(
        'everything is published',
        async () => {
          const items = [
            ...(await committed('EventTable', /^D#/)),
            ...(await committed('FeedbackTable', /^F#/)),
            ...(await committed('FileTable', /^FILE$/)),
          ];
          const ids = items.map(idOf).filter((id) => id !== undefined);
          return ids.every((id) => published.ids.has(id)) ? ids : undefined;
        },
        50_000,
      );

      const [decisions, feedback] = [await committed('EventTable', /^D#/), await committed('FeedbackTable', /^F#/)];
      const kindOf = (type: string) => published.events.filter((event) => event['detail-type'] === type);
      const distinct = (type: string) => new Set(kindOf(type).map(({ detail }) => detail.id)).size;
      expect(expected.length).toBeGreaterThan(50);
      expect(distinct('decision made')).toBe(decisions.length);
      expect(distinct('feedback received')).toBe(feedback.length);
      for (const { detail, source, ...event } of published.events) {
        expect(source).toBe('assay');
        PUBLISHED_SCHEMAS[event['detail-type']].parse(detail);
      }
    }, 60_000);

    test('is in the lake, every row once, and comes back by an export', async () => {
      const rows = await rowsOf(systemOf());

      expect(rows).toEqual(await commitsOf(systemOf()));
    }, 60_000);
  });

  describe('an item that no event can be made of', () => {
    test('is told of by its key, and published once it is mended and sent again', async () => {
      const { sqs, queueUrl, dynamoDb, tableName } = systemOf();
      const deadLetters = await queueUrl('StreamRecordsDeadLetters');
      const waitingThere = () =>
        eventually('it is in the dead-letter queue', async () => {
          const { Messages = [] } = await sqs.send(
            new ReceiveMessageCommand({ QueueUrl: deadLetters, VisibilityTimeout: 0, WaitTimeSeconds: 1 }),
          );
          return Messages.find(({ Body }) => Body?.includes('broken-1'));
        });
      const sendAgain = async () => {
        const arnOf = (url: string) => `arn:aws:sqs:eu-west-1:000000000000:${url.split('/').at(-1)}`;
        const DestinationArn = arnOf(await queueUrl('StreamRecordsQueue'));
        await sqs.send(new StartMessageMoveTaskCommand({ SourceArn: arnOf(deadLetters), DestinationArn }));
      };
      await putBroken('{"v":9}');
      const told = await waitingThere();

      await sendAgain();
      // Still broken, it comes back.
      await eventually('the queue is empty for a moment', async () => {
        const { Messages = [] } = await sqs.send(
          new ReceiveMessageCommand({ QueueUrl: deadLetters, VisibilityTimeout: 0, WaitTimeSeconds: 0 }),
        );
        return Messages.length === 0 || Messages.some(({ MessageId }) => MessageId !== told.MessageId)
          ? true
          : undefined;
      });
      await waitingThere();
      const event = anEvent({ eventId: 'broken-1', eventType: 'transfer' });
      await putBroken(JSON.stringify(aDecision({ event, detector: 'transfers' })));
      await sendAgain();

      expect(JSON.parse(told.Body ?? '')).toEqual({
        v: 1,
        kind: 'item',
        pk: given.key.pk.S,
        sk: given.key.sk.S,
        problem: expect.any(String),
      });
      await eventually('it is published', async () =>
        published.events.some(({ detail }) => JSON.stringify(detail).includes('"broken-1"')) ? true : undefined,
      );
      const { system } = systemOf();
      await compactNow(system);
      const rejected: string[] = [];
      for await (const { key } of lake().list('rejected/', 'rejected/', deadlineIn(5_000))) rejected.push(key);
      expect(rejected).toEqual([expect.stringMatching(/^rejected\/decisions\/event_type=transfer\//)]);
      // No row was ever made of it: what compares tables and lake must not find it.
      await dynamoDb.send(new DeleteItemCommand({ TableName: await tableName('EventTable'), Key: given.key }));
    }, 60_000);
  });

  describe('a batch that was given up', () => {
    test('is done again from the stream, by the function whose it was; items from their tables', async () => {
      const [functionArn, collectArn] = await Promise.all([
        followerNamed('PublishingStream'),
        followerNamed('LakeCollect'),
      ]);
      const [feedback] = await committed('FeedbackTable', /^F#/);
      const [file] = await committed('FileTable', /^FILE$/);
      const before = published.events.length;
      const landedBefore = await landed(lake());

      for (const table of ['EventTable', 'FeedbackTable', 'FileTable']) {
        const { streamArn, shardId, first } = await streamOf(table);
        const lands = table === 'EventTable';
        await send('StreamRecordsQueue', {
          requestContext: { functionArn: lands ? collectArn : functionArn, condition: 'RetryAttemptsExhausted' },
          DDBStreamBatchInfo: {
            streamArn,
            shardId,
            startSequenceNumber: first,
            endSequenceNumber: first.replace(/...$/, '999'),
          },
        });
      }
      for (const item of [feedback, file]) {
        await send('StreamRecordsQueue', { v: 1, kind: 'item', pk: item?.pk?.S, sk: item?.sk?.S, problem: 'none' });
      }

      const ids = new Set(published.ids);
      await eventually('they are published again', async () =>
        published.events.length > before + 2 ? true : undefined,
      );
      await eventually('they are landed again', async () => ((await landed(lake())) > landedBefore ? true : undefined));
      expect(new Set(published.ids)).toEqual(ids);
    }, 60_000);
  });
};

const landed = async (lake: ReturnType<typeof lakeOf>): Promise<number> => {
  let objects = 0;
  for await (const _ of lake.list('landing/', 'landing/', deadlineIn(5_000))) objects += 1;
  return objects;
};
