import { setTimeout as pause } from 'node:timers/promises';

import {
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  type SQSClient,
  StartMessageMoveTaskCommand,
} from '@aws-sdk/client-sqs';
import * as z from 'zod';

import type { Deadline } from '#ports/clock.ts';

/** What came of moving the dead letters of a queue. */
export interface Move {
  /** Messages that lay in the dead-letter queue; SQS counts about right within a minute. */
  readonly waiting: number;
  /** Undefined when nothing was moved; `RUNNING` when SQS is not through in the time given. */
  readonly status?: string;
  readonly moved: number;
}

const PolicySchema = z.object({ deadLetterTargetArn: z.string() });
const LOOK_EVERY_MS = 500;

/**
 * Moves all that lies in the dead-letter queue of a queue back to it. SQS does it, and goes on when this is broken off.
 *
 * @param dryRun - counts, and moves nothing.
 */
export const moveDeadLetters = async (
  queueUrl: string,
  { dryRun }: { readonly dryRun: boolean },
  deadline: Deadline,
  sqs: SQSClient,
): Promise<Move> => {
  const attributes = async (QueueUrl: string) =>
    (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: ['All'] }))).Attributes ?? {};
  const { QueueArn = '', RedrivePolicy = 'null' } = await attributes(queueUrl);
  const { deadLetterTargetArn: source } = PolicySchema.parse(JSON.parse(RedrivePolicy));
  const { QueueUrl = '' } = await sqs.send(new GetQueueUrlCommand({ QueueName: source.split(':').at(-1) }));
  const waiting = Number((await attributes(QueueUrl)).ApproximateNumberOfMessages);
  if (dryRun || waiting === 0) return { waiting, moved: 0 };
  // Named, since what Lambda itself put behind a stream never came from a queue.
  const start = new StartMessageMoveTaskCommand({ SourceArn: source, DestinationArn: QueueArn });
  const { TaskHandle } = await sqs.send(start);
  return { waiting, ...(await endOf(source, TaskHandle, deadline, sqs)) };
};

const endOf = async (SourceArn: string, handle: string | undefined, deadline: Deadline, sqs: SQSClient) => {
  for (;;) {
    const { Results = [] } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn, MaxResults: 10 }));
    // A task that has ended has no handle any more; the newest comes first.
    const task = Results.find(({ TaskHandle }) => TaskHandle !== undefined && TaskHandle === handle) ?? Results[0];
    const status = task?.Status ?? 'RUNNING';
    const moved = Number(task?.ApproximateNumberOfMessagesMoved ?? 0);
    if (status !== 'RUNNING' || deadline.remainingMs() < LOOK_EVERY_MS) return { status, moved };
    await pause(LOOK_EVERY_MS);
  }
};
