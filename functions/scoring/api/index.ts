import { secretsManagerClient, sqsClient } from '#adapters/aws-clients.ts';
import { connectSealer } from '#adapters/connect-sealer.ts';
import { DynamoFeedbackLedger } from '#adapters/dynamo-feedback-ledger.ts';
import { SecretTokeniserSource } from '#adapters/secret-tokeniser.ts';
import { SqsPendingDecisions } from '#adapters/sqs-pending-decisions.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { connectDeciding, newCaller } from '../connect.ts';
import { ScoringApiEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = ScoringApiEnvironmentSchema.parse(process.env);
const { aws, ports } = connectDeciding(environment);
const { dynamoDb, call } = aws;

export const handler = createHandler({
  ...ports,
  // A budget of its own: when the table is down, the queue is what answers rest on.
  pending: new SqsPendingDecisions({ sqs: sqsClient(), queueUrl: environment.PENDING_QUEUE_URL, call: newCaller() }),
  feedback: new DynamoFeedbackLedger({
    dynamoDb,
    tableName: environment.FEEDBACK_TABLE_NAME,
    retentionDays: environment.RETENTION_DAYS,
    call,
    clock: ports.clock,
  }),
  tokeniser: new SecretTokeniserSource(secretsManagerClient(), environment.TOKEN_SECRET_ARN, call),
  sealer: connectSealer(environment, { dynamoDb, clock: ports.clock, metrics: processMetrics }),
  defaultBudgetMs: environment.DEFAULT_BUDGET_MS,
  retentionDays: environment.RETENTION_DAYS,
});
