import { GetQueueAttributesCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { Properties } from '#local/resources.ts';
import { createSqs } from '#local/sqs/index.ts';
import { type LambdaRooms, LOG_GRANTS, openLambda, until } from './support.ts';

const SQS_GRANTS = {
  Effect: 'Allow',
  Action: ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'],
  Resource: '*',
};
const PARTIAL = { FunctionResponseTypes: ['ReportBatchItemFailures'] };

/** Tells of each batch, and then does what a test asks. */
const worker = (rest: string): string => `
  const failures = (records) => ({ batchItemFailures: records.map((r) => ({ itemIdentifier: r.messageId })) });
  const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));
  exports.handler = async (event) => {
    const { Records } = event;
    if (!Records) return;
    const first = Records[0].attributes.ApproximateReceiveCount === '1';
    process.stdout.write('BATCH ' + JSON.stringify({ at: Date.now(),
      received: Number(Records[0].attributes.ApproximateFirstReceiveTimestamp), bodies: Records.map((r) => r.body) }) + '\\n');
    ${rest}
  };`;

let lambda: LambdaRooms;
let sqs: SQSClient;
const urls = new Map<string, string>();

/** A queue, a function and a mapping between them, all of one name. */
const connect = async (
  rooms: LambdaRooms,
  name: string,
  code: string,
  { queue = {}, mapping = {}, grants = [LOG_GRANTS, SQS_GRANTS] as object[], timeout = 1 } = {},
): Promise<void> => {
  const fifo = (queue as Properties).FifoQueue ? '.fifo' : '';
  const deployed = await rooms.deploy(
    'AWS::SQS::Queue',
    { QueueName: `${name}${fifo}`, VisibilityTimeout: 2, ...queue },
    `${name}Queue`,
  );
  urls.set(name, deployed.physicalId);
  const FunctionName = await rooms.define(name, code, { Timeout: timeout }, grants);
  await rooms.deploy(
    'AWS::Lambda::EventSourceMapping',
    { EventSourceArn: deployed.attributes.Arn, FunctionName, ...mapping },
    `${name}Mapping`,
  );
};

const send = (name: string, bodies: readonly string[], more: (body: string) => object = () => ({})) =>
  sqs.send(
    new SendMessageBatchCommand({
      QueueUrl: urls.get(name),
      Entries: bodies.map((MessageBody, index) => ({ Id: String(index), MessageBody, ...more(MessageBody) })),
    }),
  );

interface Batch {
  readonly at: number;
  /** When the first of them was first received. */
  readonly received: number;
  readonly bodies: readonly string[];
}

const batchesOf = (name: string): Batch[] =>
  [...lambda.logOf(name).matchAll(/^BATCH (.*)$/gm)].map(([, json]) => JSON.parse(json ?? ''));

/** Whether the queue holds nothing any more, hidden or not. */
const isEmpty = async (name: string): Promise<boolean> => {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({ QueueUrl: urls.get(name), AttributeNames: ['All'] }),
  );
  return Attributes.ApproximateNumberOfMessages === '0' && Attributes.ApproximateNumberOfMessagesNotVisible === '0';
};

beforeAll(async () => {
  lambda = await openLambda({ concurrency: 8 }, (host) => [createSqs(host)]);
  sqs = new SQSClient(lambda.client);
  await connect(lambda, 'shape', worker(`process.stdout.write('EVENT ' + JSON.stringify(event) + '\\n');`));
  await connect(lambda, 'some', worker(`return first ? failures(Records.slice(1, 2)) : null;`), { mapping: PARTIAL });
  await connect(lambda, 'unknown', worker(`return first ? { batchItemFailures: [{ itemIdentifier: 'x' }] } : {};`), {
    mapping: PARTIAL,
  });
  await connect(lambda, 'unasked', worker(`return failures(Records);`));
  await connect(lambda, 'error', worker(`if (first) throw new Error('no');`));
  await connect(lambda, 'order', worker(`return first ? failures(Records.slice(1)) : null;`), {
    queue: { FifoQueue: true },
    mapping: PARTIAL,
  });
  await connect(lambda, 'single', worker(`await sleep(120); process.stdout.write('DONE ' + Date.now() + '\\n');`), {
    queue: { FifoQueue: true },
    mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 4 } },
  });
  await connect(lambda, 'two', worker(`await sleep(300);`), {
    mapping: { BatchSize: 1, ScalingConfig: { MaximumConcurrency: 2 } },
  });
  await connect(lambda, 'window', worker(''), {
    queue: { VisibilityTimeout: 5 },
    mapping: { MaximumBatchingWindowInSeconds: 1 },
  });
  await connect(lambda, 'refused', worker(''), { grants: [LOG_GRANTS] });
  await lambda.start();
  // What waits for a visibility to pass waits together; warm functions, so that it passes while they are done.
  await Promise.all(['some', 'unknown', 'error', 'order'].map((name) => lambda.invoke(name)));
  await Promise.all([
    send('some', ['a', 'b', 'c']),
    send('unknown', ['a', 'b']),
    send('error', ['a', 'b']),
    send('order', ['a', 'b', 'c'], (body) => ({ MessageGroupId: 'g', MessageDeduplicationId: body })),
  ]);
});

afterAll(async () => {
  sqs?.destroy();
  await lambda.close();
  lambda.remove();
});

test('a role that may not receive is told of by its missing statement, and works once it has it', async () => {
  await send('refused', ['a']);
  await until(() => lambda.notices.some((line) => line.includes('Allow sqs:ReceiveMessage on')));
  expect(batchesOf('refused')).toEqual([]);

  lambda.clientOf('refused-role', [LOG_GRANTS, SQS_GRANTS]);

  await until(() => batchesOf('refused').length === 1);
});

test('a message reaches the function in the shape that Lambda gives it, and is deleted', async () => {
  await send('shape', ['{"a":1}'], () => ({
    MessageAttributes: {
      colour: { DataType: 'String', StringValue: 'blue' },
      bytes: { DataType: 'Binary', BinaryValue: new Uint8Array([1, 2]) },
    },
  }));

  await until(() => batchesOf('shape').length === 1);
  await until(() => lambda.logOf('shape').includes('REPORT'));
  const [, json = ''] = /^EVENT (.*)$/m.exec(lambda.logOf('shape')) ?? [];
  expect(JSON.parse(json)).toEqual({
    Records: [
      {
        messageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
        receiptHandle: expect.any(String),
        body: '{"a":1}',
        attributes: {
          ApproximateReceiveCount: '1',
          ApproximateFirstReceiveTimestamp: expect.stringMatching(/^\d{13}$/),
          SentTimestamp: expect.stringMatching(/^\d{13}$/),
          SenderId: expect.any(String),
        },
        messageAttributes: {
          colour: { stringValue: 'blue', stringListValues: [], binaryListValues: [], dataType: 'String' },
          bytes: { binaryValue: 'AQI=', stringListValues: [], binaryListValues: [], dataType: 'Binary' },
        },
        md5OfMessageAttributes: expect.stringMatching(/^[0-9a-f]{32}$/),
        // MD5 of {"a":1}, as md5sum says.
        md5OfBody: 'bb6cb5c68df4652941caf652a366f2d8',
        eventSource: 'aws:sqs',
        eventSourceARN: 'arn:aws:sqs:eu-central-1:000000000000:shape',
        awsRegion: 'eu-central-1',
      },
    ],
  });
  await until(() => isEmpty('shape'));
});

test('messages that are named come back after their visibility; the others are done', async () => {
  await until(() => batchesOf('some').length === 2);
  const [first, second] = batchesOf('some') as [Batch, Batch];
  expect(first.bodies).toHaveLength(3);
  expect(second.bodies).toEqual([first.bodies[1]]);
  expect(second.at - first.received).toBeGreaterThanOrEqual(2000);
  await until(() => isEmpty('some'));
});

test('a failure that is not of the batch brings all of it back', async () => {
  await until(() => batchesOf('unknown').length === 2);
  expect(batchesOf('unknown').map(({ bodies }) => [...bodies].sort())).toEqual([
    ['a', 'b'],
    ['a', 'b'],
  ]);
});

test('a mapping that does not ask for partial failures takes any answer as success', async () => {
  await send('unasked', ['a']);

  await until(() => batchesOf('unasked').length === 1);
  await until(() => isEmpty('unasked'));
});

test('an error leaves the batch hidden for its visibility, and then it comes back whole', async () => {
  await until(() => batchesOf('error').length === 2);
  const [first, second] = batchesOf('error') as [Batch, Batch];
  expect([...second.bodies].sort()).toEqual(['a', 'b']);
  expect(second.at - first.received).toBeGreaterThanOrEqual(2000);
});

test('after a failure a group of a FIFO queue goes on in its order', async () => {
  await until(() => batchesOf('order').length === 2);
  expect(batchesOf('order').map(({ bodies }) => bodies)).toEqual([
    ['a', 'b', 'c'],
    ['b', 'c'],
  ]);
});

test('a group of a FIFO queue is in one batch at a time', async () => {
  await send('single', ['a', 'b', 'c'], (body) => ({ MessageGroupId: 'g', MessageDeduplicationId: body }));

  await until(() => lambda.logOf('single').match(/^DONE/gm)?.length === 3);
  const batches = batchesOf('single');
  const done = [...lambda.logOf('single').matchAll(/^DONE (\d+)$/gm)].map(([, at]) => Number(at));
  expect(batches.map(({ bodies }) => bodies)).toEqual([['a'], ['b'], ['c']]);
  expect(batches[1]?.at).toBeGreaterThanOrEqual(done[0] as number);
  expect(batches[2]?.at).toBeGreaterThanOrEqual(done[1] as number);
});

test('no more batches are worked on at once than the mapping allows', async () => {
  await send('two', ['a', 'b', 'c', 'd']);

  await until(() => batchesOf('two').length === 4);
  const at = batchesOf('two')
    .map((batch) => batch.at)
    .sort();
  // Each batch takes 300 ms: the third begins when the first is done.
  expect((at[2] as number) - (at[0] as number)).toBeGreaterThanOrEqual(290);
});

test('a batch waits for more messages as long as its window', async () => {
  await send('window', ['a']);
  await send('window', ['b']);

  await until(() => batchesOf('window').length > 0);
  expect(batchesOf('window').map(({ bodies }) => [...bodies].sort())).toEqual([['a', 'b']]);
});

test('a queue that shows messages again before the function is done is refused', async () => {
  const rooms = await openLambda({}, (host) => [createSqs(host)]);
  await connect(rooms, 'hasty', worker(''), { timeout: 3 });

  await expect(rooms.start()).rejects.toThrow(/visibility timeout of 2 seconds is less than the 3 seconds/);
  await rooms.close();
  rooms.remove();
});

test('what a stop cuts short comes at once after the next start, however long it was to stay hidden', async () => {
  const open = async (code: string, directory?: string) => {
    const rooms = await openLambda({ graceMs: 10 }, (host) => [createSqs(host)], directory);
    await connect(rooms, 'hidden', code, { queue: { VisibilityTimeout: 600 } });
    return rooms;
  };
  const first = await open(worker('await sleep(60_000);'));
  const client = new SQSClient(first.client);
  await client.send(new SendMessageCommand({ QueueUrl: urls.get('hidden'), MessageBody: 'cut' }));
  client.destroy();
  await first.start();
  await until(() => first.logOf('hidden').includes('BATCH'));
  await first.close();

  const second = await open(worker(`console.log('again');`), first.directory);
  await second.start();

  await until(() => second.logOf('hidden').includes('again'));
  await second.close();
  second.remove();
});
