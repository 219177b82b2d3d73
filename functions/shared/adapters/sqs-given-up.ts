import { SendMessageCommand, type SQSClient } from '@aws-sdk/client-sqs';

import type { Deadline } from '#ports/clock.ts';
import type { GivenUp, UnreadableItem } from '#ports/event-bus.ts';
import type { AwsCall } from './aws-call.ts';

/** The dead-letter queue behind the streams: items by their keys alone, whatever their size. */
export class SqsGivenUp implements GivenUp {
  readonly #sqs: SQSClient;
  readonly #queueUrl: string;
  readonly #call: AwsCall;

  constructor(sqs: SQSClient, queueUrl: string, call: AwsCall) {
    this.#sqs = sqs;
    this.#queueUrl = queueUrl;
    this.#call = call;
  }

  async add(item: UnreadableItem, deadline: Deadline): Promise<void> {
    const MessageBody = JSON.stringify({ v: 1, kind: 'item', ...item });
    const command = () => new SendMessageCommand({ QueueUrl: this.#queueUrl, MessageBody });
    await this.#call((options) => this.#sqs.send(command(), options), {
      deadline,
      what: 'the dead-letter queue of the streams',
    });
  }
}
