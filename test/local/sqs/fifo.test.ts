import {
  CancelMessageMoveTaskCommand,
  ChangeMessageVisibilityCommand,
  DeleteMessageCommand,
  ListDeadLetterSourceQueuesCommand,
  ListMessageMoveTasksCommand,
  type Message,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let sqs: SQSClient;
let nowMs = Date.now();

beforeAll(async () => {
  rooms = await openRooms((host) => [createSqs(host, () => nowMs)]);
  sqs = new SQSClient(rooms.client);
});
afterAll(async () => {
  sqs.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

let made = 0;
const deploy = (properties: Record<string, unknown>) => rooms.deploy('AWS::SQS::Queue', properties, `Queue${made++}`);
const fifo = async (properties: Record<string, unknown> = {}): Promise<string> =>
  (await deploy({ FifoQueue: true, ContentBasedDeduplication: true, ...properties })).physicalId;
const send = (QueueUrl: string, MessageBody: string, MessageGroupId = 'g', more = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, MessageGroupId, ...more }));
const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const bodies = (messages: readonly Message[]) => messages.map(({ Body }) => Body);
const remove = (QueueUrl: string, message: Message | undefined) =>
  sqs.send(new DeleteMessageCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle }));
const release = (QueueUrl: string, message: Message | undefined) =>
  sqs.send(
    new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: message?.ReceiptHandle, VisibilityTimeout: 0 }),
  );
const later = (seconds: number) => {
  nowMs += seconds * 1000;
};
const soon = () => new Promise((resolve) => setTimeout(resolve, 20));

describe('order within a group', () => {
  test('a group with a message in flight gives out nothing more; other groups go on', async () => {
    const url = await fifo();
    for (const body of ['a1', 'a2', 'a3']) await send(url, body, 'a');
    await send(url, 'b1', 'b');

    const [first] = await receive(url, { MaxNumberOfMessages: 1 });
    expect(first?.Body).toBe('a1');
    const [other, ...rest] = await receive(url);
    expect([other?.Body, ...rest]).toEqual(['b1']);
    expect(await receive(url)).toEqual([]);

    await remove(url, first);
    expect(bodies(await receive(url))).toEqual(['a2', 'a3']);
  });

  test('after a partial failure the failed message comes first, and nothing overtakes it', async () => {
    const url = await fifo();
    for (const body of ['1', '2', '3', '4']) await send(url, body);
    const [one, two, three] = await receive(url, { MaxNumberOfMessages: 3 });
    await remove(url, one);

    await release(url, two);
    expect(await receive(url)).toEqual([]);
    await release(url, three);
    expect(bodies(await receive(url))).toEqual(['2', '3', '4']);
  });

  test('a message that comes back is the first of its group again when its visibility ends', async () => {
    const url = await fifo({ VisibilityTimeout: 10 });
    for (const body of ['1', '2']) await send(url, body);
    const [one] = await receive(url, { MaxNumberOfMessages: 1 });

    later(10);
    await expect(remove(url, one)).rejects.toThrow('The receipt handle has expired');
    expect(bodies(await receive(url))).toEqual(['1', '2']);
  });

  test('a queue delay holds messages back in order', async () => {
    const url = await fifo({ DelaySeconds: 5 });
    await send(url, '1');
    later(3);
    await send(url, '2');

    expect(await receive(url)).toEqual([]);
    later(2);
    expect(bodies(await receive(url))).toEqual(['1']);
  });

  test('a long poll gets what a delete sets free', async () => {
    const url = await fifo();
    await send(url, '1');
    await send(url, '2');
    const [one] = await receive(url, { MaxNumberOfMessages: 1 });
    const waiting = receive(url, { WaitTimeSeconds: 10 });
    await soon();
    await remove(url, one);

    expect(bodies(await waiting)).toEqual(['2']);
  });

  test('dead letters leave their group in order and set it free', async () => {
    const dead = await deploy({ FifoQueue: true });
    const url = await fifo({
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 1 },
    });
    for (const body of ['1', '2', '3']) await send(url, body);
    expect(bodies(await receive(url, { MaxNumberOfMessages: 2 }))).toEqual(['1', '2']);
    later(1);

    expect(bodies(await receive(url))).toEqual(['3']);
    expect(bodies(await receive(dead.physicalId))).toEqual(['1', '2']);
  });
});

describe('deduplication', () => {
  test('a repeat within five minutes is answered as the first and not delivered, even after it was deleted', async () => {
    const url = await fifo();
    const first = await send(url, 'same');
    await remove(url, (await receive(url))[0]);

    later(299);
    const repeat = await send(url, 'same', 'other');
    expect(repeat).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    expect(await receive(url)).toEqual([]);
    later(1);
    const fresh = await send(url, 'same');
    expect(fresh.MessageId).not.toBe(first.MessageId);
    expect(BigInt(fresh.SequenceNumber ?? 0)).toBeGreaterThan(BigInt(first.SequenceNumber ?? 0));
    expect(await receive(url)).toHaveLength(1);
  });

  test('an id given explicitly counts, not the content', async () => {
    const url = await fifo();
    await send(url, 'one', 'g', { MessageDeduplicationId: 'id' });
    await send(url, 'two', 'g', { MessageDeduplicationId: 'id' });
    await send(url, 'one', 'g', { MessageDeduplicationId: 'other' });

    expect(bodies(await receive(url))).toEqual(['one', 'one']);
  });

  test('with the scope of a message group, each group counts by itself', async () => {
    const url = await fifo({ DeduplicationScope: 'messageGroup', FifoThroughputLimit: 'perMessageGroupId' });
    for (const group of ['a', 'b', 'a']) await send(url, 'same', group);

    expect(await receive(url)).toHaveLength(2);
  });
});

test('a repeated receive attempt gets the same messages and handles, until something happens to them', async () => {
  const url = await fifo({ VisibilityTimeout: 10 });
  await send(url, '1');
  const attempt = { ReceiveRequestAttemptId: 'attempt' };
  const first = await receive(url, attempt);

  later(8);
  const repeat = await receive(url, attempt);
  expect(repeat).toEqual(first);
  later(8);
  expect(await receive(url)).toEqual([]);
  await remove(url, repeat[0]);
  expect(await receive(url, attempt)).toEqual([]);
});

test.each([
  [
    'a delay of its own',
    { MessageGroupId: 'g', MessageDeduplicationId: 'd', DelaySeconds: 1 },
    'InvalidParameterValue',
  ],
  ['no group', { MessageDeduplicationId: 'd' }, 'MissingParameter'],
  ['no deduplication id', { MessageGroupId: 'g' }, 'InvalidParameterValue'],
])('a message with %s is refused', async (_what, more, name) => {
  const url = await fifo({ ContentBasedDeduplication: false });

  await expect(sqs.send(new SendMessageCommand({ QueueUrl: url, MessageBody: 'x', ...more }))).rejects.toMatchObject({
    name,
  });
});

describe('move tasks', () => {
  const aPairWithDeadLetters = async (count: number) => {
    const dead = await deploy({});
    const source = await deploy({
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 1 },
    });
    const QueueUrl = source.physicalId;
    for (let n = 0; n < count; n++) await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: `m${n}` }));
    await receive(QueueUrl);
    later(1);
    expect(await receive(QueueUrl)).toEqual([]);
    return { dead, source };
  };
  const tasks = async (SourceArn: string | undefined) =>
    (await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }))).Results;

  test('dead letters go back to their source as new messages', async () => {
    const { dead, source } = await aPairWithDeadLetters(3);
    const SourceArn = dead.attributes.Arn;

    await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
    await soon();

    expect(bodies(await receive(source.physicalId)).sort()).toEqual(['m0', 'm1', 'm2']);
    expect(await tasks(SourceArn)).toMatchObject([
      { Status: 'COMPLETED', ApproximateNumberOfMessagesMoved: 3, ApproximateNumberOfMessagesToMove: 3 },
    ]);
    const sources = await sqs.send(new ListDeadLetterSourceQueuesCommand({ QueueUrl: dead.physicalId }));
    expect(sources.queueUrls).toEqual([source.physicalId]);
  });

  test('a slow task can be cancelled, and a second one at the same time is refused', async () => {
    const { dead, source } = await aPairWithDeadLetters(3);
    const start = new StartMessageMoveTaskCommand({
      SourceArn: dead.attributes.Arn,
      DestinationArn: source.attributes.Arn,
      MaxNumberOfMessagesPerSecond: 1,
    });
    const { TaskHandle } = await sqs.send(start);
    await soon();

    await expect(sqs.send(start)).rejects.toMatchObject({ name: 'UnsupportedOperation' });
    const cancelled = await sqs.send(new CancelMessageMoveTaskCommand({ TaskHandle }));
    expect(cancelled.ApproximateNumberOfMessagesMoved).toBe(1);
    expect(await tasks(dead.attributes.Arn)).toMatchObject([{ Status: 'CANCELLED' }]);
    expect(await receive(dead.physicalId)).toHaveLength(2);
  });

  test('only a dead-letter queue has something to move', async () => {
    const { attributes } = await deploy({});

    await expect(sqs.send(new StartMessageMoveTaskCommand({ SourceArn: attributes.Arn }))).rejects.toThrow(
      'must be configured as a Dead Letter Queue',
    );
  });
});
