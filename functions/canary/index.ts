import { createAwsCaller } from '#adapters/aws-call.ts';
import { s3Client } from '#adapters/aws-clients.ts';
import { S3Drop } from '#adapters/s3-drop.ts';
import { SignedApi } from '#adapters/signed-api.ts';
import { systemClock } from '#runtime/deadline.ts';
import { processMetrics } from '#runtime/metrics.ts';
import { CanaryEnvironmentSchema } from './environment.ts';
import { createHandler } from './handler.ts';

const environment = CanaryEnvironmentSchema.parse(process.env);
const s3 = s3Client();
const call = createAwsCaller({ random: Math.random, metrics: processMetrics });

export const handler = createHandler({
  api: new SignedApi({
    apiUrl: environment.API_URL,
    region: () => s3.config.region(),
    credentials: () => s3.config.credentials(),
  }),
  inbox: new S3Drop({ s3, bucket: environment.INBOX_BUCKET_NAME, call }),
  clock: systemClock,
});
