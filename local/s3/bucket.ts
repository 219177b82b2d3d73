import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { PolicyDocument } from '../service.ts';
import { type DefaultRetention, ObjectLockSchema } from './retention.ts';

const days = z.coerce.number().int().min(1);

const EncryptionSchema = z.strictObject({
  ServerSideEncryptionConfiguration: z.tuple([
    z.strictObject({
      BucketKeyEnabled: z.boolean().optional(),
      ServerSideEncryptionByDefault: z.strictObject({
        SSEAlgorithm: z.enum(['AES256', 'aws:kms']),
        KMSMasterKeyID: z.string().min(1).optional(),
      }),
    }),
  ]),
});

const RuleSchema = z.strictObject({
  Id: z.string().optional(),
  Status: z.enum(['Enabled', 'Disabled']),
  Prefix: z.string().default(''),
  ExpirationInDays: days.optional(),
  ExpiredObjectDeleteMarker: z.boolean().optional(),
  NoncurrentVersionExpiration: z.strictObject({ NoncurrentDays: days }).optional(),
  AbortIncompleteMultipartUpload: z.strictObject({ DaysAfterInitiation: days }).optional(),
});
export type LifecycleRule = z.infer<typeof RuleSchema>;

/** What can happen in this room; anything else would be a notification that never comes. */
const EVENT =
  /^s3:(ObjectCreated:(\*|Put|Copy|CompleteMultipartUpload)|ObjectRemoved:(\*|Delete|DeleteMarkerCreated)|ObjectTagging:(\*|Put|Delete)|LifecycleExpiration:(\*|Delete|DeleteMarkerCreated))$/;

const NotificationSchema = z.strictObject({
  Event: z.string().regex(EVENT, 'is not an event that is emulated'),
  Queue: z.string().startsWith('arn:aws:sqs:'),
  Filter: z
    .strictObject({
      S3Key: z.strictObject({
        Rules: z.array(z.strictObject({ Name: z.enum(['prefix', 'suffix']), Value: z.string() })),
      }),
    })
    .optional(),
});
export type Notification = z.infer<typeof NotificationSchema>;

/** The properties of a bucket that are honoured; public access and tags change nothing where every call is signed. */
export const BucketPropertiesSchema = z.strictObject({
  BucketName: z
    .string()
    .regex(/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/, 'use 3 to 63 lower-case letters, digits, dots and dashes')
    .optional(),
  BucketEncryption: EncryptionSchema.optional(),
  LifecycleConfiguration: z.strictObject({ Rules: z.array(RuleSchema) }).optional(),
  /** Taken and not followed: every call is in the embedded cloud's own sight. */
  LoggingConfiguration: z.strictObject({ DestinationBucketName: z.string(), LogFilePrefix: z.string() }).optional(),
  NotificationConfiguration: z
    .strictObject({ QueueConfigurations: z.array(NotificationSchema).default([]) })
    .optional(),
  ObjectLockConfiguration: ObjectLockSchema.optional(),
  ObjectLockEnabled: z.boolean().optional(),
  OwnershipControls: z
    .strictObject({
      Rules: z.array(z.strictObject({ ObjectOwnership: z.literal('BucketOwnerEnforced') })),
    })
    .optional(),
  PublicAccessBlockConfiguration: z.record(z.string(), z.boolean()).optional(),
  Tags: z.array(z.unknown()).optional(),
  VersioningConfiguration: z.strictObject({ Status: z.enum(['Enabled', 'Suspended']) }).optional(),
});
export type BucketProperties = z.infer<typeof BucketPropertiesSchema>;

/** A bucket as its template describes it. */
export interface Bucket {
  readonly name: string;
  readonly arn: string;
  readonly createdMs: number;
  readonly versioning: 'Enabled' | 'Suspended' | undefined;
  /** The KMS key that objects are put under; undefined for S3's own encryption. */
  readonly kmsKeyId: string | undefined;
  readonly notifications: readonly Notification[];
  readonly lifecycle: readonly LifecycleRule[];
  readonly policy: PolicyDocument | undefined;
  /** How long new versions are locked; undefined where they are not. */
  readonly retention: DefaultRetention | undefined;
}

/** The buckets that there are, by name. Deploying the templates fills it at every start. */
export interface Buckets {
  find(name: string): Bucket | undefined;
  all(): readonly Bucket[];
  /** Makes a bucket or changes its settings; its policy stays. */
  declare(name: string, properties: BucketProperties): Bucket;
  setPolicy(name: string, policy: PolicyDocument | undefined): void;
}

export const bucketArn = (name: string): string => `arn:aws:s3:::${name}`;

/** @param now - milliseconds since 1970. */
export const createBuckets = (database: DatabaseSync, now: () => number): Buckets => {
  const buckets = new Map<string, Bucket>();
  const put = database.prepare(
    'INSERT INTO buckets (name, created_ms) VALUES (?, ?) ON CONFLICT DO UPDATE SET name = name RETURNING created_ms',
  );
  return {
    find: (name) => buckets.get(name),
    all: () => [...buckets.values()].sort((one, other) => (one.name < other.name ? -1 : 1)),
    declare(name, properties) {
      const { created_ms: createdMs } = put.get(name, now()) as { created_ms: number };
      const encryption =
        properties.BucketEncryption?.ServerSideEncryptionConfiguration[0].ServerSideEncryptionByDefault;
      const lock = properties.ObjectLockConfiguration?.Rule.DefaultRetention;
      const bucket: Bucket = {
        name,
        arn: bucketArn(name),
        createdMs,
        versioning: properties.VersioningConfiguration?.Status,
        kmsKeyId: encryption?.SSEAlgorithm === 'aws:kms' ? (encryption.KMSMasterKeyID ?? 'alias/aws/s3') : undefined,
        notifications: properties.NotificationConfiguration?.QueueConfigurations ?? [],
        lifecycle: properties.LifecycleConfiguration?.Rules ?? [],
        policy: buckets.get(name)?.policy,
        retention: lock && { mode: lock.Mode, days: lock.Days },
      };
      buckets.set(name, bucket);
      return bucket;
    },
    setPolicy(name, policy) {
      const bucket = buckets.get(name);
      if (bucket) buckets.set(name, { ...bucket, policy });
    },
  };
};
