import { SendMessageBatchCommand, type SendMessageBatchCommandInput, SQSClient } from '@aws-sdk/client-sqs';
import { beforeEach, describe, expect, test } from '@jest/globals';
import { mockClient } from 'aws-sdk-client-mock';

import { createAwsCaller } from '#adapters/aws-call.ts';
import { SqsChunkQueue } from '#adapters/sqs-chunk-queue.ts';
import type { EventChunk } from '#domain/messages.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { silentMetrics } from '#runtime/metrics.ts';
import { anEvent } from '../../../support/decisions.ts';

const sqs = mockClient(SQSClient);
beforeEach(() => {
  sqs.reset();
});

const queue = (queueUrl = 'https://sqs.local/1/chunks.fifo'): SqsChunkQueue =>
  new SqsChunkQueue({
    sqs: sqs as unknown as SQSClient,
    queueUrl,
    call: createAwsCaller({ random: () => 0, metrics: silentMetrics }),
  });
const aChunk = (sequence: number, noteBytes = 10): EventChunk => ({
  v: 1,
  kind: 'events',
  fileId: 'f1',
  sequence,
  eventType: 'payment',
  redrives: 0,
  rows: [{ row: sequence, event: anEvent({ variables: { note: 'x'.repeat(noteBytes) } }), contentHash: 'hash' }],
});
const chunks = (count: number, noteBytes?: number): EventChunk[] =>
  Array.from({ length: count }, (_, index) => aChunk(index + 1, noteBytes));
const idsOf = ({ Entries }: SendMessageBatchCommandInput): string[] => (Entries ?? []).map(({ Id }) => Id ?? '');
const sent = (): string[][] => sqs.commandCalls(SendMessageBatchCommand).map(({ args }) => idsOf(args[0].input));
/** Answers each batch with success for the entries that are not refused. */
const answer = (refuses: (id: string, attempt: number) => boolean): void => {
  const attempts = new Map<string, number>();
  sqs.on(SendMessageBatchCommand).callsFake((input: SendMessageBatchCommandInput) => {
    const refused = idsOf(input).filter((id) => {
      attempts.set(id, (attempts.get(id) ?? 0) + 1);
      return refuses(id, attempts.get(id)!);
    });
    return {
      Successful: idsOf(input)
        .filter((id) => !refused.includes(id))
        .map((Id) => ({ Id })),
      Failed: refused.map((Id) => ({ Id, Code: 'InternalError', SenderFault: false })),
    };
  });
};

describe('a batch', () => {
  test('holds ten chunks at most', async () => {
    answer(() => false);

    expect(await queue().send(chunks(12), 'relaxed', deadlineIn(5_000))).toEqual(new Set());
    expect(sent().map(({ length }) => length)).toEqual([10, 2]);
  });

  test('holds 250,000 bytes at most', async () => {
    answer(() => false);

    await queue().send(chunks(5, 100_000), 'relaxed', deadlineIn(5_000));

    expect(sent()).toEqual([['1', '2'], ['3', '4'], ['5']]);
  });

  test('that is refused in part is sent again in that part alone', async () => {
    answer((id, attempt) => id === '2' && attempt === 1);

    expect(await queue().send(chunks(3), 'relaxed', deadlineIn(5_000))).toEqual(new Set());
    expect(sent()).toEqual([['1', '2', '3'], ['2']]);
  });

  test('that is refused in part to the last is told so', async () => {
    answer((id) => id === '2');

    expect(await queue().send(chunks(3), 'relaxed', deadlineIn(5_000))).toEqual(new Set([2]));
    expect(sent()).toHaveLength(3);
  });

  test('that is answered with less than was sent has lost the rest', async () => {
    sqs.on(SendMessageBatchCommand).resolves({ Successful: [{ Id: '1', MessageId: 'm', MD5OfMessageBody: 'x' }] });

    expect(await queue().send(chunks(2), 'relaxed', deadlineIn(5_000))).toEqual(new Set([2]));
  });

  test('that cannot be sent at all has lost every chunk', async () => {
    sqs.on(SendMessageBatchCommand).rejects(Object.assign(new Error('down'), { name: 'ServiceUnavailable' }));

    expect(await queue().send(chunks(2), 'relaxed', deadlineIn(2_000))).toEqual(new Set([1, 2]));
  });
});

describe('ordering', () => {
  test('relaxed: every chunk is a group of its own, delivered once', async () => {
    answer(() => false);

    await queue().send([{ ...aChunk(7), redrives: 2 }], 'relaxed', deadlineIn(5_000));

    const [entry] = sqs.commandCalls(SendMessageBatchCommand)[0]!.args[0].input.Entries!;
    expect(entry).toMatchObject({ MessageGroupId: 'f1-7', MessageDeduplicationId: 'f1-7-2' });
    expect(JSON.parse(entry!.MessageBody!)).toEqual({ ...aChunk(7), redrives: 2 });
  });

  test('strict: a file is one group, and nothing follows a chunk that is missing', async () => {
    answer((id) => id === '2');

    expect(await queue().send(chunks(4), 'strict', deadlineIn(5_000))).toEqual(new Set([2, 3, 4]));
    expect(new Set(sent().flat())).toEqual(new Set(['1', '2']));
    const [first] = sqs.commandCalls(SendMessageBatchCommand);
    expect(first!.args[0].input.Entries![0]).toMatchObject({ MessageGroupId: 'f1', MessageDeduplicationId: 'f1-1' });
  });

  test('a queue that is not FIFO gets neither', async () => {
    answer(() => false);

    await queue('https://sqs.local/1/feedback').send(chunks(1), 'strict', deadlineIn(5_000));

    const [entry] = sqs.commandCalls(SendMessageBatchCommand)[0]!.args[0].input.Entries!;
    expect(Object.keys(entry!).sort()).toEqual(['Id', 'MessageBody']);
  });
});
