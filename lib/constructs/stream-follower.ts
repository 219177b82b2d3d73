import type { Duration } from 'aws-cdk-lib';
import type { ITableV2 } from 'aws-cdk-lib/aws-dynamodb';
import { FilterCriteria, type IFunction, StartingPosition } from 'aws-cdk-lib/aws-lambda';

import type { DataStack } from '../stacks/data-stack.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { liveOf } from './service-function.ts';

export interface StreamFollowerProps {
  readonly data: DataStack;
  /** Patterns of which a record must match one; what matches none costs nothing. */
  readonly wanted: readonly { readonly [key: string]: unknown }[];
  readonly batchSize: number;
  /** How long a batch may wait to become full. */
  readonly window: Duration;
}

/** Repeats of a batch before it is given up; what is repeated is first cut down to the records that fail. */
const RETRIES = 200;

/**
 * Lets a function follow the stream of a table. What it cannot do in the end is told to the dead-letter queue of the
 * streams, from where it can be done again while the stream holds it. A stream bears two followers at most.
 */
export const follow = (id: string, table: ITableV2, follower: IFunction, props: StreamFollowerProps): void => {
  const { data, wanted, batchSize, window } = props;
  const { tableStreamArn } = table;
  if (tableStreamArn === undefined) throw new Error(`${table.node.path} has no stream to follow`);
  const { deadLetters } = data.streamRecords;
  liveOf(follower).addEventSourceMapping(id, {
    eventSourceArn: tableStreamArn,
    startingPosition: StartingPosition.TRIM_HORIZON,
    batchSize,
    maxBatchingWindow: window,
    filters: wanted.map((pattern) => FilterCriteria.filter(pattern)),
    bisectBatchOnError: true,
    reportBatchItemFailures: true,
    retryAttempts: RETRIES,
    // Not an SqsDlq: it grants more than Lambda needs to send.
    onFailure: { bind: () => ({ destination: deadLetters.queueArn }) },
  });
  allow(follower, ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], tableStreamArn);
  // Lambda asks for it when the mapping is made; it has no resource to name.
  allow(follower, ['dynamodb:ListStreams'], '*');
  allow(follower, ['sqs:SendMessage'], deadLetters.queueArn);
  allowEncrypt(follower, data.queueKey);
  allowDecrypt(follower, data.queueKey);
};
