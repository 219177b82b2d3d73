import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { type Served, serveDynamoDb } from './serve.ts';

let served: Served;
beforeAll(async () => {
  served = await serveDynamoDb();
});
afterAll(() => served.close());

const ARN = 'arn:aws:dynamodb:eu-west-1:123456789012:table';
const STREAM = `${ARN}/Events/stream/2026-11-07T12:00:00.000`;

test.each([
  ['GetItem', { TableName: 'Events', Key: {} }, [['GetItem', `${ARN}/Events`]]],
  ['UpdateTimeToLive', { TableName: 'Events' }, [['UpdateTimeToLive', `${ARN}/Events`]]],
  ['Query', { TableName: 'Events' }, [['Query', `${ARN}/Events`]]],
  ['Query', { TableName: 'Events', IndexName: 'by-entity' }, [['Query', `${ARN}/Events/index/by-entity`]]],
  [
    'BatchWriteItem',
    { RequestItems: { Events: [], Profiles: [] } },
    [
      ['BatchWriteItem', `${ARN}/Events`],
      ['BatchWriteItem', `${ARN}/Profiles`],
    ],
  ],
  [
    'TransactWriteItems',
    {
      TransactItems: [
        { Put: { TableName: 'Events' } },
        { Put: { TableName: 'Events' } },
        { Update: { TableName: 'Profiles' } },
        { Delete: { TableName: 'Profiles' } },
        { ConditionCheck: { TableName: 'Events' } },
      ],
    },
    [
      ['PutItem', `${ARN}/Events`],
      ['UpdateItem', `${ARN}/Profiles`],
      ['DeleteItem', `${ARN}/Profiles`],
      ['ConditionCheckItem', `${ARN}/Events`],
    ],
  ],
  ['TransactGetItems', { TransactItems: [{ Get: { TableName: 'Events' } }] }, [['GetItem', `${ARN}/Events`]]],
  ['ListTables', {}, [['ListTables', '*']]],
  ['DescribeStream', { StreamArn: STREAM }, [['DescribeStream', STREAM]]],
  ['GetItem', { TableName: 7 }, []],
  ['TransactWriteItems', { TransactItems: 'all' }, []],
  ['GetRecords', { ShardIterator: 'made-up' }, []],
  ['PutItem', null, []],
])('%s of %j needs %j', (target, body, expected) => {
  const needed = served.service().authorize(target, body);

  expect(needed.map(({ action, resource }) => [action.replace('dynamodb:', ''), resource])).toEqual(expected);
});

test('reading records needs the permission on the stream that the iterator is for', () => {
  const { streamArn } = served.service().createTable({
    TableName: 'Streamed',
    AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
    KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
    StreamSpecification: { StreamViewType: 'KEYS_ONLY' },
  });
  const answer = <T>(target: string, body: object) => served.service().handle(target, body).body as T;
  const { StreamDescription } = answer<{ StreamDescription: { Shards: [{ ShardId: string }] } }>('DescribeStream', {
    StreamArn: streamArn,
  });
  const iterator = answer<{ ShardIterator: string }>('GetShardIterator', {
    StreamArn: streamArn,
    ShardId: StreamDescription.Shards[0].ShardId,
    ShardIteratorType: 'LATEST',
  });

  expect(served.service().authorize('GetRecords', iterator)).toEqual([
    { action: 'dynamodb:GetRecords', resource: streamArn },
  ]);
});
