import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import {
  BlockPublicAccess,
  Bucket,
  BucketEncryption,
  type BucketProps,
  type IBucket,
  type LifecycleRule,
  ObjectOwnership,
} from 'aws-cdk-lib/aws-s3';
import type { Construct } from 'constructs';

export interface DataBucketProps {
  readonly encryptionKey: IKey;
  /** Where S3 notes who asked for what. @default nowhere */
  readonly accessLogs?: IBucket;
  /** Rules beside those that end abandoned uploads and old versions. @default none */
  readonly lifecycleRules?: LifecycleRule[];
}

/** What all buckets have in common: versioned, TLS only, never public, retained with their stack gone. */
const COMMON = {
  versioned: true,
  enforceSSL: true,
  minimumTLSVersion: 1.2,
  blockPublicAccess: BlockPublicAccess.BLOCK_ALL,
  objectOwnership: ObjectOwnership.BUCKET_OWNER_ENFORCED,
  removalPolicy: RemovalPolicy.RETAIN,
} satisfies BucketProps;

const OLD_VERSIONS_AND_ABANDONED_UPLOADS: LifecycleRule = {
  id: 'old-versions-and-abandoned-uploads',
  noncurrentVersionExpiration: Duration.days(30),
  abortIncompleteMultipartUploadAfter: Duration.days(7),
};

/** A bucket that keeps data: versioned, under a key of ours, TLS only, never public, retained with its stack gone. */
export class DataBucket extends Bucket {
  constructor(scope: Construct, id: string, props: DataBucketProps) {
    super(scope, id, {
      ...COMMON,
      encryption: BucketEncryption.KMS,
      encryptionKey: props.encryptionKey,
      bucketKeyEnabled: true,
      lifecycleRules: [OLD_VERSIONS_AND_ABANDONED_UPLOADS, ...(props.lifecycleRules ?? [])],
      ...(props.accessLogs && {
        serverAccessLogsBucket: props.accessLogs,
        serverAccessLogsPrefix: `${id.toLowerCase()}/`,
      }),
    });
  }
}

/** Days that S3's notes of requests are kept: a year, as auditors ask for. */
const ACCESS_LOG_DAYS = 365;

/**
 * Keeps who asked for which object of the other buckets, and when.
 *
 * Under S3's own key: its log delivery writes to no bucket under a key of KMS.
 */
export class AccessLogBucket extends Bucket {
  constructor(scope: Construct, id: string) {
    super(scope, id, {
      ...COMMON,
      encryption: BucketEncryption.S3_MANAGED,
      lifecycleRules: [
        OLD_VERSIONS_AND_ABANDONED_UPLOADS,
        { id: 'access-logs', expiration: Duration.days(ACCESS_LOG_DAYS) },
      ],
    });
  }
}
