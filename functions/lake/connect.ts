import { createAwsCaller } from '#adapters/aws-call.ts';
import { s3Client } from '#adapters/aws-clients.ts';
import { S3LakeStore } from '#adapters/s3-lake-store.ts';
import { processMetrics } from '#runtime/metrics.ts';

/** The lake's bucket. */
export const connectLake = (bucket: string): S3LakeStore =>
  new S3LakeStore(s3Client(), bucket, createAwsCaller({ random: Math.random, metrics: processMetrics }));
