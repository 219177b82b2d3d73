import { createAwsCaller } from '#adapters/aws-call.ts';
import { dynamoDbClient, dynamoDbStreamsClient } from '#adapters/aws-clients.ts';
import { DynamoGivenUpRecords } from '#adapters/dynamo-given-up-records.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { connectLake } from '../../lake/connect.ts';
import { connectPublishing } from '../connect.ts';
import { PublishingReplayEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = PublishingReplayEnvironmentSchema.parse(process.env);

export const handler = createHandler({
  ...connectPublishing(environment),
  records: new DynamoGivenUpRecords({
    dynamoDb: dynamoDbClient(),
    streams: dynamoDbStreamsClient(),
    eventTable: environment.EVENT_TABLE_NAME,
    feedbackTable: environment.FEEDBACK_TABLE_NAME,
    fileTable: environment.FILE_TABLE_NAME,
    call: createAwsCaller({ random: Math.random, metrics: processMetrics }),
    clock: systemClock,
  }),
  lake: connectLake(environment.LAKE_BUCKET_NAME),
  clock: systemClock,
  // A mapping may name a version or an alias of the function behind its ARN.
  lands: (functionArn) => functionArn.startsWith(environment.LAKE_COLLECT_ARN),
});
