import { DynamoDBClient, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { expect, test } from '@jest/globals';
import { createDynamoDbRoom } from '#local/dynamodb-service.ts';
import type { Properties } from '#local/resources.ts';
import { createSqs } from '#local/sqs/index.ts';
import { type LambdaRooms, LOG_GRANTS, openLambda, until } from './support.ts';

const STREAM_GRANTS = {
  Effect: 'Allow',
  Action: [
    'dynamodb:DescribeStream',
    'dynamodb:GetRecords',
    'dynamodb:GetShardIterator',
    'dynamodb:ListStreams',
    'sqs:SendMessage',
  ],
  Resource: '*',
};

const open = async (
  rest: string,
  mapping: Properties = {},
  directory?: string,
): Promise<LambdaRooms & { client: LambdaRooms['client']; put(...ids: string[]): Promise<void> }> => {
  const rooms = await openLambda({}, (host) => [createDynamoDbRoom(host), createSqs(host)], directory);
  const table = await rooms.deploy(
    'AWS::DynamoDB::Table',
    {
      TableName: 'things',
      BillingMode: 'PAY_PER_REQUEST',
      KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }],
      StreamSpecification: { StreamViewType: 'NEW_IMAGE' },
    },
    'Table',
  );
  await rooms.deploy('AWS::SQS::Queue', { QueueName: 'lost' }, 'Lost');
  const code = `exports.handler = async ({ Records }) => {
    const ids = Records.map((r) => r.dynamodb.Keys.id.S);
    process.stdout.write('BATCH ' + JSON.stringify(ids) + '\\n');
    ${rest}
  };`;
  const FunctionName = await rooms.define('follower', code, {}, [LOG_GRANTS, STREAM_GRANTS]);
  await rooms.deploy(
    'AWS::Lambda::EventSourceMapping',
    {
      EventSourceArn: table.attributes.StreamArn,
      FunctionName,
      StartingPosition: 'TRIM_HORIZON',
      ...mapping,
    },
    'Mapping',
  );
  const dynamoDb = new DynamoDBClient(rooms.client);
  return {
    ...rooms,
    async put(...ids) {
      for (const S of ids) await dynamoDb.send(new PutItemCommand({ TableName: 'things', Item: { id: { S } } }));
    },
    async close() {
      dynamoDb.destroy();
      await rooms.close();
    },
  };
};

const batchesOf = (rooms: LambdaRooms): string[][] =>
  [...rooms.logOf('follower').matchAll(/^BATCH (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ''));

test('changes arrive in order, go on after a failure where it was, and are not repeated after a restart', async () => {
  const code = `process.stdout.write('RECORD ' + JSON.stringify(Records[0]) + '\\n');
    const at = ids.indexOf('b');
    if (at >= 0 && !globalThis.failed) {
      globalThis.failed = true;
      return { batchItemFailures: [{ itemIdentifier: Records[at].dynamodb.SequenceNumber }] };
    }`;
  const mapping = { FunctionResponseTypes: ['ReportBatchItemFailures'] };
  const first = await open(code, mapping);
  await first.put('a', 'b', 'c');
  await first.start();
  await until(() => batchesOf(first).length === 2 && first.logOf('follower').split('REPORT').length === 3);
  await first.close();
  const [, record = ''] = /^RECORD (.*)$/m.exec(first.logOf('follower')) ?? [];

  const second = await open(code, mapping, first.directory);
  await second.put('d');
  await second.start();
  await until(() => batchesOf(second).length === 3);
  const batches = batchesOf(second);
  await second.close();
  second.remove();

  expect(batches).toEqual([['a', 'b', 'c'], ['b', 'c'], ['d']]);
  expect(JSON.parse(record)).toMatchObject({
    eventID: expect.any(String),
    eventName: 'INSERT',
    eventSource: 'aws:dynamodb',
    awsRegion: 'eu-central-1',
    dynamodb: {
      Keys: { id: { S: 'a' } },
      NewImage: { id: { S: 'a' } },
      SequenceNumber: expect.stringMatching(/^\d+$/),
    },
    eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:eu-central-1:000000000000:table\/things\/stream\//),
  });
});

test('a record that always fails is found by halving, given up and reported; the others are done', async () => {
  const rooms = await open(`if (ids.includes('c')) throw new Error('never');`, {
    BisectBatchOnFunctionError: true,
    MaximumRetryAttempts: 1,
    DestinationConfig: { OnFailure: { Destination: 'arn:aws:sqs:eu-central-1:000000000000:lost' } },
  });
  await rooms.put('a', 'b', 'c', 'd');
  await rooms.start();

  await until(() => batchesOf(rooms).some(([only, ...others]) => only === 'd' && others.length === 0));
  const batches = batchesOf(rooms);
  const answer = await rooms.host.call(rooms.host.developer, 'sqs', {
    headers: { 'x-amz-target': 'AmazonSQS.ReceiveMessage' },
    body: JSON.stringify({ QueueUrl: `${rooms.host.endpoint}/${rooms.host.accountId}/lost` }),
  });
  await rooms.close();
  rooms.remove();

  // Whole; the good half; the bad half; its first record, twice; its second.
  expect(batches).toEqual([['a', 'b', 'c', 'd'], ['a', 'b'], ['c', 'd'], ['c'], ['c'], ['d']]);
  const report = JSON.parse(JSON.parse(String(answer.body)).Messages[0].Body);
  expect(report).toMatchObject({
    requestContext: { condition: 'RetryAttemptsExhausted', approximateInvokeCount: 2 },
    DDBStreamBatchInfo: { batchSize: 1 },
  });
});

test('records that no filter asks for are passed over for good', async () => {
  const wanted = JSON.stringify({ eventName: ['INSERT'], dynamodb: { Keys: { id: { S: [{ prefix: 'a' }] } } } });
  const mapping = { FilterCriteria: { Filters: [{ Pattern: wanted }] } };
  const first = await open('', mapping);
  await first.put('b1', 'a1', 'b2', 'a2', 'b3');
  await first.start();
  await until(() => batchesOf(first).length === 1 && first.logOf('follower').includes('REPORT'));
  await first.close();
  const second = await open('', mapping, first.directory);
  await second.put('a3');
  await second.start();
  await until(() => batchesOf(second).length === 2);
  const batches = batchesOf(second);
  await second.close();
  second.remove();

  expect(batches).toEqual([['a1', 'a2'], ['a3']]);
});

test('a mapping whose role may not list streams is refused, as on AWS', async () => {
  const rooms = await open('');
  rooms.clientOf('follower-role', [
    LOG_GRANTS,
    { ...STREAM_GRANTS, Action: STREAM_GRANTS.Action.filter((action) => action !== 'dynamodb:ListStreams') },
  ]);

  await expect(rooms.start()).rejects.toThrow(/ListStreams/);
  await rooms.close();
  rooms.remove();
});

test('LATEST passes over what was there before the first start', async () => {
  const rooms = await open('', { StartingPosition: 'LATEST' });
  await rooms.put('before');
  await rooms.start();
  await new Promise((resolve) => setTimeout(resolve, 100));
  await rooms.put('after');

  await until(() => batchesOf(rooms).length > 0);
  const batches = batchesOf(rooms);
  await rooms.close();
  rooms.remove();

  expect(batches).toEqual([['after']]);
});

test('what a mapping cannot honour is refused by its name', async () => {
  const rooms = await open('');
  const deploy = (more: Properties) =>
    rooms.deploy('AWS::Lambda::EventSourceMapping', { FunctionName: 'follower', ...more }, 'Other');
  const stream = 'arn:aws:dynamodb:eu-central-1:000000000000:table/things/stream/x';

  await expect(deploy({ EventSourceArn: stream, StartingPosition: 'LATEST', FilterCriteria: {} })).rejects.toThrow(
    /FilterCriteria/,
  );
  await expect(
    deploy({ EventSourceArn: stream, StartingPosition: 'LATEST', ParallelizationFactor: 2 }),
  ).rejects.toThrow(/ParallelizationFactor: must be 1/);
  await expect(deploy({ EventSourceArn: 'arn:aws:kinesis:x:1:stream/y' })).rejects.toThrow(/EventSourceArn/);
  await rooms.close();
  rooms.remove();
});
