import type { IKey } from 'aws-cdk-lib/aws-kms';
import type { Function as LambdaFunction } from 'aws-cdk-lib/aws-lambda';
import { SqsEventSource } from 'aws-cdk-lib/aws-lambda-event-sources';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';

import { allowDecrypt } from './grants.ts';

export interface QueueWorkerProps {
  readonly encryptionKey: IKey;
  readonly batchSize: number;
  /** How many batches are worked on at once. @default Lambda's own scaling */
  readonly maxConcurrency?: number;
}

/** Lets a function work through a queue, failing messages one by one: the others of a batch are done. */
export const workOn = (queue: IQueue, worker: LambdaFunction, props: QueueWorkerProps): void => {
  worker.addEventSource(
    new SqsEventSource(queue, {
      batchSize: props.batchSize,
      reportBatchItemFailures: true,
      ...(props.maxConcurrency === undefined ? {} : { maxConcurrency: props.maxConcurrency }),
    }),
  );
  allowDecrypt(worker, props.encryptionKey);
};
