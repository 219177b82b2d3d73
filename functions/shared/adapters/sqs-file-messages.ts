import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

import type { FileMessage } from '#domain/messages.ts';
import type { FileMessages } from '#ports/chunk-queue.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';
import { messageLinks } from './sqs-links.ts';

export interface SqsFileMessagesOptions {
  readonly sqs: SQSClient;
  readonly queueUrl: string;
  readonly call: AwsCall;
}

/** What ingestion says to itself, on the queue that S3 notifies too. */
export class SqsFileMessages implements FileMessages {
  readonly #options: SqsFileMessagesOptions;

  constructor(options: SqsFileMessagesOptions) {
    this.#options = options;
  }

  async send(message: FileMessage, delaySeconds: number, deadline: Deadline): Promise<void> {
    const { sqs, queueUrl, call } = this.#options;
    const command = () =>
      new SendMessageCommand({
        QueueUrl: queueUrl,
        MessageBody: JSON.stringify(message),
        DelaySeconds: delaySeconds,
        ...messageLinks(message.fileId),
      });
    await call((options) => sqs.send(command(), options), { deadline, what: 'the files queue' });
  }
}
