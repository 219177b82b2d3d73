import {
  ChangeMessageVisibilityCommand,
  DeleteMessageBatchCommand,
  DeleteMessageCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListQueuesCommand,
  PurgeQueueCommand,
  ReceiveMessageCommand,
  type ReceiveMessageCommandInput,
  SendMessageBatchCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createSqs } from '#local/sqs/index.ts';
import { openRooms, type Rooms } from '../../support/rooms.ts';

let rooms: Rooms;
let sqs: SQSClient;
let nowMs = Date.now();
/** Milliseconds that pass with each look at the clock. */
let tickMs = 0;

beforeAll(async () => {
  rooms = await openRooms((host) => [createSqs(host, () => (nowMs += tickMs))]);
  sqs = new SQSClient(rooms.client);
});
afterAll(async () => {
  sqs.destroy();
  await rooms.close();
  rooms.remove();
  expect(rooms.failures).toEqual([]);
});

let made = 0;
const queue = async (properties: Record<string, unknown> = {}): Promise<string> =>
  (await rooms.deploy('AWS::SQS::Queue', properties, `Queue${made++}`)).physicalId;
const send = (QueueUrl: string, MessageBody: string, more = {}) =>
  sqs.send(new SendMessageCommand({ QueueUrl, MessageBody, ...more }));
const receive = async (QueueUrl: string, more: Partial<ReceiveMessageCommandInput> = {}) =>
  (await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, ...more }))).Messages ?? [];
const counts = async (QueueUrl: string) => {
  const { Attributes: all } = await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }));
  return [
    all?.ApproximateNumberOfMessages,
    all?.ApproximateNumberOfMessagesNotVisible,
    all?.ApproximateNumberOfMessagesDelayed,
  ].map(Number);
};
const later = (seconds: number) => {
  nowMs += seconds * 1000;
};

test('a message comes back with its body, attributes and digests, which the SDK has checked', async () => {
  const url = await queue();
  const sent = await send(url, 'héllo <&> 🙂', {
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'ü' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255, 7) },
      count: { DataType: 'Number.int', StringValue: '12' },
    },
    MessageSystemAttributes: { AWSTraceHeader: { DataType: 'String', StringValue: 'Root=1-5' } },
  });

  const [message] = await receive(url, { MessageAttributeNames: ['All'], MessageSystemAttributeNames: ['All'] });

  expect(message).toMatchObject({
    MessageId: sent.MessageId,
    Body: 'héllo <&> 🙂',
    MD5OfMessageAttributes: sent.MD5OfMessageAttributes,
    MessageAttributes: {
      text: { DataType: 'String', StringValue: 'ü' },
      bytes: { DataType: 'Binary', BinaryValue: Uint8Array.of(0, 255, 7) },
      count: { DataType: 'Number.int', StringValue: '12' },
    },
    Attributes: {
      ApproximateReceiveCount: '1',
      SentTimestamp: String(nowMs),
      ApproximateFirstReceiveTimestamp: String(nowMs),
      SenderId: 'arn:aws:iam::000000000000:user/developer',
      AWSTraceHeader: 'Root=1-5',
    },
  });
  // Worked out from the documented algorithm in Python.
  expect(sent.MD5OfMessageBody).toBe('7aa7cf824109797485f7993f52c6c953');
  expect(sent.MD5OfMessageAttributes).toBe('093f53a110f5622cb3f136f0cc2737d9');
});

test('attributes come only to those who ask, by name, by prefix or all', async () => {
  const url = await queue({ VisibilityTimeout: 0 });
  const attribute = { DataType: 'String', StringValue: 'x' };
  await send(url, 'body', { MessageAttributes: { 'a.one': attribute, 'a.two': attribute, b: attribute } });
  const names = async (MessageAttributeNames?: string[]) =>
    Object.keys((await receive(url, { MessageAttributeNames }))[0]?.MessageAttributes ?? {});

  expect(await names()).toEqual([]);
  expect(await names(['a.*'])).toEqual(['a.one', 'a.two']);
  expect(await names(['b', 'none'])).toEqual(['b']);
  expect(await names(['.*'])).toHaveLength(3);
  expect((await receive(url, { MessageSystemAttributeNames: ['SentTimestamp'] }))[0]?.Attributes).toEqual({
    SentTimestamp: String(nowMs),
  });
  expect((await receive(url))[0]?.Attributes).toBeUndefined();
});

describe('visibility', () => {
  test('a received message is hidden for its timeout and then comes again, counted', async () => {
    const url = await queue({ VisibilityTimeout: 30 });
    await send(url, 'once');
    await receive(url);

    expect(await receive(url)).toEqual([]);
    expect(await counts(url)).toEqual([0, 1, 0]);
    later(30);
    const [again] = await receive(url, { MessageSystemAttributeNames: ['ApproximateReceiveCount'] });
    expect(again?.Attributes?.ApproximateReceiveCount).toBe('2');
  });

  test('ChangeMessageVisibility(0) shows a message at once, again and again, and never loses it', async () => {
    const url = await queue();
    await send(url, 'kept');

    for (let turn = 0; turn < 5; turn++) {
      const [message] = await receive(url);
      expect(message?.Body).toBe('kept');
      await sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout: 0,
        }),
      );
    }
    expect(await counts(url)).toEqual([1, 0, 0]);
  });

  test('a longer timeout counts from now, and not beyond twelve hours from the receive', async () => {
    const url = await queue({ VisibilityTimeout: 10 });
    await send(url, 'slow');
    const [message] = await receive(url);
    const change = (VisibilityTimeout: number) =>
      sqs.send(
        new ChangeMessageVisibilityCommand({
          QueueUrl: url,
          ReceiptHandle: message?.ReceiptHandle,
          VisibilityTimeout,
        }),
      );

    later(5);
    await change(60);
    later(59);
    expect(await receive(url)).toEqual([]);
    await expect(change(43_200)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
    later(1);
    await expect(change(10)).rejects.toMatchObject({ name: 'MessageNotInflight' });
    expect(await receive(url)).toHaveLength(1);
    await expect(change(10)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });

  test('the handle of an earlier receive deletes nothing, and deleting twice is no error', async () => {
    const url = await queue({ VisibilityTimeout: 10 });
    await send(url, 'twice');
    const [first] = await receive(url);
    later(10);
    const [second] = await receive(url);
    const remove = (ReceiptHandle: string | undefined) =>
      sqs.send(new DeleteMessageCommand({ QueueUrl: url, ReceiptHandle }));

    await remove(first?.ReceiptHandle);
    expect(await counts(url)).toEqual([0, 1, 0]);
    await remove(second?.ReceiptHandle);
    await remove(second?.ReceiptHandle);
    expect(await counts(url)).toEqual([0, 0, 0]);
    await expect(remove('no handle')).rejects.toMatchObject({ name: 'ReceiptHandleIsInvalid' });
  });
});

test('a message waits for its delay, and for that of its queue', async () => {
  const url = await queue({ DelaySeconds: 5 });
  await send(url, 'queue');
  await send(url, 'own', { DelaySeconds: 20 });
  await send(url, 'none', { DelaySeconds: 0 });
  const bodies = async () => (await receive(url)).map(({ Body }) => Body);

  expect(await bodies()).toEqual(['none']);
  expect(await counts(url)).toEqual([0, 1, 2]);
  later(5);
  expect(await bodies()).toEqual(['queue']);
  later(15);
  expect(await bodies()).toEqual(['own']);
});

test('a message that nobody deletes is gone after the retention period', async () => {
  const url = await queue({ MessageRetentionPeriod: 60, VisibilityTimeout: 1 });
  await send(url, 'old');

  later(59);
  expect(await receive(url)).toHaveLength(1);
  later(1);
  expect(await receive(url)).toEqual([]);
  expect(await counts(url)).toEqual([0, 0, 0]);
});

describe('long polls', () => {
  test('a message sent meanwhile is answered at once', async () => {
    const url = await queue({ ReceiveMessageWaitTimeSeconds: 20 });
    const started = performance.now();
    const waiting = receive(url);
    await send(url, 'hello');

    expect((await waiting).map(({ Body }) => Body)).toEqual(['hello']);
    expect(performance.now() - started).toBeLessThan(2000);
  });

  test('one that becomes visible meanwhile is answered then, and none after the wait', async () => {
    const url = await queue();
    await send(url, 'hidden', { DelaySeconds: 1 });
    const waiting = receive(url, { WaitTimeSeconds: 5 });
    setTimeout(() => later(1), 300);

    expect(await waiting).toHaveLength(1);
    const started = performance.now();
    expect(await receive(url, { WaitTimeSeconds: 1 })).toEqual([]);
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  test('a caller who has gone away takes nothing', async () => {
    const url = await queue();
    const abort = new AbortController();
    const gone = sqs.send(new ReceiveMessageCommand({ QueueUrl: url, WaitTimeSeconds: 20 }), {
      abortSignal: abort.signal,
    });
    setTimeout(() => abort.abort(), 100);
    await expect(gone).rejects.toMatchObject({ name: 'AbortError' });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await send(url, 'for another');

    expect(await counts(url)).toEqual([1, 0, 0]);
  });
});

describe('batches', () => {
  const batch = (QueueUrl: string, Entries: { Id: string; MessageBody: string; DelaySeconds?: number }[]) =>
    sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));

  test('an entry that is refused does not touch the others', async () => {
    const url = await queue();

    const answer = await batch(url, [
      { Id: 'good', MessageBody: 'good' },
      { Id: 'late', MessageBody: 'late', DelaySeconds: 901 },
      { Id: 'control', MessageBody: 'a\u0001b' },
      { Id: 'better', MessageBody: 'better' },
    ]);

    expect(answer.Successful?.map(({ Id }) => Id)).toEqual(['good', 'better']);
    expect(answer.Failed).toMatchObject([
      { Id: 'late', Code: 'InvalidParameterValue', SenderFault: true },
      { Id: 'control', Code: 'InvalidMessageContents', SenderFault: true },
    ]);
    const messages = await receive(url);
    expect(messages.map(({ Body }) => Body).sort()).toEqual(['better', 'good']);
    const removed = await sqs.send(
      new DeleteMessageBatchCommand({
        QueueUrl: url,
        Entries: [
          { Id: 'one', ReceiptHandle: messages[0]?.ReceiptHandle },
          { Id: 'bad', ReceiptHandle: 'nonsense' },
        ],
      }),
    );
    expect(removed.Successful).toEqual([{ Id: 'one' }]);
    expect(removed.Failed).toMatchObject([{ Id: 'bad', Code: 'ReceiptHandleIsInvalid' }]);
  });

  const half = 'x'.repeat(524_288);
  test.each([
    ['EmptyBatchRequest', []],
    ['TooManyEntriesInBatchRequest', Array.from({ length: 11 }, (_, n) => ({ Id: `i${n}`, MessageBody: 'x' }))],
    ['BatchEntryIdsNotDistinct', [0, 1].map(() => ({ Id: 'same', MessageBody: 'x' }))],
    ['InvalidBatchEntryId', [{ Id: 'no spaces', MessageBody: 'x' }]],
    ['BatchRequestTooLong', [half, half, 'x'].map((MessageBody, n) => ({ Id: `i${n}`, MessageBody }))],
  ])('%s refuses the whole batch', async (name, entries) => {
    const url = await queue();

    await expect(batch(url, entries)).rejects.toMatchObject({ name });
    expect(await counts(url)).toEqual([0, 0, 0]);
  });

  test('a batch and a message of exactly 1 MiB are taken, one byte more is not', async () => {
    const url = await queue();

    const answer = await batch(url, [
      { Id: 'a', MessageBody: half },
      { Id: 'b', MessageBody: half },
    ]);
    expect(answer.Successful).toHaveLength(2);
    await send(url, '"'.repeat(1_048_576));
    await expect(send(url, `${half}${half}x`)).rejects.toMatchObject({ name: 'InvalidParameterValue' });
  });
});

describe('dead letters', () => {
  test('a message received too often moves on, keeps its id and its age, and names its source', async () => {
    const deadUrl = await queue({ MessageRetentionPeriod: 120 });
    const dead = await rooms.deploy('AWS::SQS::Queue', { MessageRetentionPeriod: 120 }, `Queue${made - 1}`);
    const url = await queue({
      VisibilityTimeout: 1,
      RedrivePolicy: { deadLetterTargetArn: dead.attributes.Arn, maxReceiveCount: 2 },
    });
    const { MessageId } = await send(url, 'poison');
    for (let turn = 0; turn < 2; turn++) {
      expect(await receive(url)).toHaveLength(1);
      later(1);
    }

    expect(await receive(url)).toEqual([]);
    const [message] = await receive(deadUrl, { VisibilityTimeout: 0, MessageSystemAttributeNames: ['All'] });
    expect(message).toMatchObject({ MessageId, Body: 'poison' });
    expect(message?.Attributes?.DeadLetterQueueSourceArn).toMatch(/^arn:aws:sqs:eu-central-1:000000000000:Test-Queue/);
    later(117);
    expect(await counts(deadUrl)).toEqual([1, 0, 0]);
    later(1);
    expect(await counts(deadUrl)).toEqual([0, 0, 0]);
  });
});

test('a queue is found by name and by the path of its URL, whatever the port', async () => {
  const url = await queue({ QueueName: 'by-name' });
  const other = url.replace(/:\d+\//, ':1/');

  expect((await sqs.send(new GetQueueUrlCommand({ QueueName: 'by-name' }))).QueueUrl).toBe(url);
  const client = new SQSClient({ ...rooms.client, useQueueUrlAsEndpoint: false });
  await client.send(new SendMessageCommand({ QueueUrl: other, MessageBody: 'x' }));
  client.destroy();
  expect(await counts(url)).toEqual([1, 0, 0]);
  expect((await sqs.send(new ListQueuesCommand({ QueueNamePrefix: 'by-' }))).QueueUrls).toEqual([url]);
  await expect(send(url.replace('by-name', 'none'), 'x')).rejects.toMatchObject({ name: 'QueueDoesNotExist' });
});

test('purging empties a queue, once a minute', async () => {
  const url = await queue();
  await send(url, 'x');
  const purge = () => sqs.send(new PurgeQueueCommand({ QueueUrl: url }));

  await purge();
  expect(await counts(url)).toEqual([0, 0, 0]);
  await expect(purge()).rejects.toMatchObject({ name: 'PurgeQueueInProgress' });
});

test('attributes are those of the template, until a call changes them', async () => {
  const url = await queue({ VisibilityTimeout: 77, KmsMasterKeyId: 'alias/aws/sqs' });
  const read = async () =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl: url, AttributeNames: ['All'] }))).Attributes;

  expect(await read()).toMatchObject({
    VisibilityTimeout: '77',
    MessageRetentionPeriod: '345600',
    MaximumMessageSize: '1048576',
    KmsMasterKeyId: 'alias/aws/sqs',
  });
  await sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { VisibilityTimeout: '5' } }));
  expect(await read()).toMatchObject({ VisibilityTimeout: '5', KmsMasterKeyId: 'alias/aws/sqs' });
  await expect(
    sqs.send(new SetQueueAttributesCommand({ QueueUrl: url, Attributes: { VisibilityTimeout: '-1' } })),
  ).rejects.toMatchObject({ name: 'InvalidParameterValue' });
});

test.each([
  [{ Colour: 'red' }, /Colour is not emulated/],
  [{ VisibilityTimeout: 43_201 }, /VisibilityTimeout/],
  [{ QueueName: 'a.fifo' }, /QueueName/],
  [{ DeduplicationScope: 'queue' }, /FIFO queues alone/],
  [
    { RedrivePolicy: { deadLetterTargetArn: 'arn:aws:sqs:eu-central-1:000000000000:none', maxReceiveCount: 3 } },
    /names no queue/,
  ],
])('a template with %j is refused', async (properties, message) => {
  await expect(queue(properties)).rejects.toThrow(message);
});

test.each([1, 2, 3, 4])(
  'a message that becomes visible while a poll looks (%i ms before) is not slept over',
  async (beforeMs) => {
    const url = await queue();
    await send(url, 'in time', { DelaySeconds: 10 });
    nowMs += 10_000 - beforeMs;
    tickMs = 1;
    const started = performance.now();

    const messages = await receive(url, { WaitTimeSeconds: 2 });

    tickMs = 0;
    expect(messages.map(({ Body }) => Body)).toEqual(['in time']);
    expect(performance.now() - started).toBeLessThan(1000);
  },
);
