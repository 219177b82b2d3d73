import { DynamoFileLedger } from '#adapters/dynamo-file-ledger.ts';
import { S3ObjectBucket } from '#adapters/s3-object-bucket.ts';
import { S3ResultStore } from '#adapters/s3-result-store.ts';
import { connectDeciding } from '../connect.ts';
import { ScoringQueueEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = ScoringQueueEnvironmentSchema.parse(process.env);
const { aws, ports } = connectDeciding(environment);
const { dynamoDb, s3, call } = aws;

export const handler = createHandler({
  ...ports,
  ledger: new DynamoFileLedger({
    dynamoDb,
    tableName: environment.FILE_TABLE_NAME,
    retentionDays: environment.RETENTION_DAYS,
    call,
    clock: ports.clock,
  }),
  results: new S3ResultStore(
    new S3ObjectBucket({ s3, bucket: environment.RESULT_BUCKET_NAME, what: 'the results bucket', call }),
  ),
});
