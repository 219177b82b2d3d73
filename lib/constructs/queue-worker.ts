import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { IFunction } from 'aws-cdk-lib/aws-lambda';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

import { allow, allowDecrypt } from './grants.ts';
import { liveOf } from './service-function.ts';

export interface QueueWorkerProps {
  readonly encryptionKey: IKey;
  readonly batchSize: number;
  /** How many batches are worked on at once. */
  readonly maxConcurrency: number;
}

/** Lets a function work through a queue, failing messages one by one: the others of a batch are done. */
export const workOn = (id: string, queue: IQueue, worker: IFunction, props: QueueWorkerProps): void => {
  // Not an SqsEventSource: it grants more than Lambda's pollers use.
  liveOf(worker).addEventSourceMapping(id, {
    eventSourceArn: queue.queueArn,
    batchSize: props.batchSize,
    reportBatchItemFailures: true,
    maxConcurrency: props.maxConcurrency,
  });
  allow(worker, ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'], queue.queueArn);
  allowDecrypt(worker, props.encryptionKey);
};
