import type { DynamoDBClient } from '@aws-sdk/client-dynamodb';

import type { Clock } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';

/** A table whose items expire. */
export interface ExpiringTable {
  readonly dynamoDb: DynamoDBClient;
  readonly tableName: string;
  /** Days from when an item is written first; what replaces its content does not lengthen them. */
  readonly retentionDays: number;
  readonly call: AwsCall;
  readonly clock: Clock;
}

const DAY_SECONDS = 86_400;

/** When an item that is written now expires, in seconds since the Unix epoch. @param marginDays - beyond retention. */
export const expiryOf = ({ clock, retentionDays }: ExpiringTable, marginDays = 0): number =>
  Math.floor(clock.nowMs() / 1_000) + (retentionDays + marginDays) * DAY_SECONDS;
