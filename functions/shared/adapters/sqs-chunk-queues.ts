import { GetQueueAttributesCommand, type QueueAttributeName, type SQSClient } from '@aws-sdk/client-sqs';

import type { FileRecord } from '#domain/file-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';

/** Messages that wait, that are worked on, and that are to come. */
const COUNTS: QueueAttributeName[] = [
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
];

export interface SqsChunkQueuesOptions {
  readonly sqs: SQSClient;
  /** By what files are for: the queue of their chunks, and the one behind it. */
  readonly queueUrls: Readonly<Record<FileRecord['purpose'], readonly string[]>>;
  readonly call: AwsCall;
}

/** Looks at the queues of chunks. Their counts are right within a minute of the last change. */
export class SqsChunkQueues {
  readonly #options: SqsChunkQueuesOptions;

  constructor(options: SqsChunkQueuesOptions) {
    this.#options = options;
  }

  async areEmpty(purpose: FileRecord['purpose'], deadline: Deadline): Promise<boolean> {
    const counts = await Promise.all(this.#options.queueUrls[purpose].map((url) => this.#messagesOf(url, deadline)));
    return counts.every((count) => count === 0);
  }

  /** @returns NaN, which is no empty queue, when the queue does not say. */
  async #messagesOf(QueueUrl: string, deadline: Deadline): Promise<number> {
    const { sqs, call } = this.#options;
    const command = () => new GetQueueAttributesCommand({ QueueUrl, AttributeNames: COUNTS });
    const { Attributes } = await call((options) => sqs.send(command(), options), {
      deadline,
      what: 'the chunks queue',
    });
    return COUNTS.reduce((sum, name) => sum + Number(Attributes?.[name]), 0);
  }
}
