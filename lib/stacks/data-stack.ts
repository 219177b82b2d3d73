import { Duration, RemovalPolicy, Stack, type StackProps } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import { PolicyStatement, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import type { Bucket, CfnBucket, LifecycleRule } from 'aws-cdk-lib/aws-s3';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';

import type { StageConfig } from '../config.ts';
import { AuditBucket } from '../constructs/audit-bucket.ts';
import { AccessLogBucket, DataBucket } from '../constructs/data-bucket.ts';
import { People } from '../constructs/people.ts';
import { letServicesUse } from '../constructs/service-keys.ts';
import { WorkQueue } from '../constructs/work-queue.ts';
import { TIMEOUTS } from '../timeouts.ts';

export interface DataStackProps extends StackProps {
  readonly stage: StageConfig;
}

/** Names of the indexes of decisions by entity: one for each of an event type's first four roles, sparse. */
export const ENTITY_INDEXES = ['entity-1', 'entity-2', 'entity-3', 'entity-4'] as const;

/** Name of the index of files that have not been found in balance yet, sparse. */
export const OPEN_FILES_INDEX = 'open-files';

interface TableOptions {
  /** Name, partition key and sort key of each; an index holds keys alone, of the items that have them. */
  readonly indexes?: readonly (readonly [name: string, partition: string, sort: string])[];
  readonly streamed?: boolean;
  /** Days that the table can be restored to. @default 35, the most there are */
  readonly recoveryDays?: number;
}

/** Days that a person's key which was erased can still be brought back from the table's backup: enough for a mishap. */
const PEOPLE_RECOVERY_DAYS = 7;

/** Days that a version which was overwritten can still be read: as long as its notification may wait on the queue. */
const SUPERSEDED_DAYS = 4;

/**
 * Raw files hold what is personal in the clear, so the stated day is when nothing of them is left: the current version
 * expires some days before, since what stood in the bucket stays as an older version for those. Each of the two steps
 * waits for the next midnight (UTC), which takes one day more.
 */
const rawFiles = (inboxDays: number): LifecycleRule => {
  const superseded = Math.min(SUPERSEDED_DAYS, inboxDays - 2);
  return {
    id: 'raw-files',
    expiration: Duration.days(inboxDays - superseded - 1),
    noncurrentVersionExpiration: Duration.days(superseded),
  };
};

/** All that keeps state. Retained when the stack goes; construct ids here are pinned by a test. */
export class DataStack extends Stack {
  /** Encrypts the buckets. Apart from the queues' key: a bucket that notifies a queue under its own key is a circle. */
  readonly bucketKey: IKey;
  readonly queueKey: IKey;
  readonly logKey: IKey;
  /** A key of the stage's own for its tables; absent: DynamoDB's in this account. */
  readonly tableKey: IKey | undefined;
  /** Who asked for which object of the other buckets. */
  readonly accessLogs: AccessLogBucket;
  readonly inbox: Bucket;
  readonly results: Bucket;
  readonly quarantine: Bucket;
  readonly models: Bucket;
  /** Events, decisions and feedback as Parquet, and what becomes of the streams on the way there. */
  readonly lake: Bucket;
  /** The audit log: one locked object for each entry. */
  readonly audit: AuditBucket;
  readonly files: WorkQueue;
  readonly chunks: WorkQueue;
  readonly feedbackChunks: WorkQueue;
  /** Decisions that were answered before they could be committed: the recorded-later queue. */
  readonly pending: WorkQueue;
  /** Records of streams that were given up lie in its dead-letter queue; moved to the queue, they are done again. */
  readonly streamRecords: WorkQueue;
  readonly eventTable: TableV2;
  readonly profileTable: TableV2;
  readonly feedbackTable: TableV2;
  readonly registryTable: TableV2;
  readonly fileTable: TableV2;
  /** Keys that originals of personal values are sealed under, one for each person. */
  readonly people: People;
  /** Key of the keyed hash that replaces entity ids and personal values: `{"current":1,"k1":"…"}`. */
  readonly tokenSecret: Secret;

  constructor(scope: Construct, id: string, props: DataStackProps) {
    super(scope, id, props);
    const { keys } = props.stage;
    this.bucketKey = this.key('BucketKey', 'Assay: files, results, quarantine and models', keys.buckets);
    this.queueKey = this.key('QueueKey', 'Assay: messages and logs', keys.queues);
    this.logKey = keys.logs ? Key.fromKeyArn(this, 'LogKey', keys.logs) : this.queueKey;
    this.tableKey = keys.tables ? Key.fromKeyArn(this, 'TableKey', keys.tables) : undefined;
    letServicesUse(this.queueKey);
    this.accessLogs = new AccessLogBucket(this, 'AccessLogs');

    const queue = (name: string, workerTimeout: Duration, fifo = false) =>
      new WorkQueue(this, name, { encryptionKey: this.queueKey, workerTimeout, fifo });
    this.files = queue('Files', TIMEOUTS.ingestionFiles);
    this.chunks = queue('Chunks', TIMEOUTS.scoringQueue, true);
    this.feedbackChunks = queue('FeedbackChunks', TIMEOUTS.feedbackQueue);
    this.pending = queue('Pending', TIMEOUTS.scoringPending);
    this.streamRecords = queue('StreamRecords', TIMEOUTS.publishingReplay);

    const { bucketKey: encryptionKey, accessLogs } = this;
    this.inbox = new DataBucket(this, 'Inbox', {
      encryptionKey,
      accessLogs,
      lifecycleRules: [
        rawFiles(props.stage.inboxDays),
        { id: 'canary', prefix: 'events/assay_canary/', expiration: Duration.days(1) },
      ],
    });
    this.results = new DataBucket(this, 'Results', {
      encryptionKey,
      accessLogs,
      lifecycleRules: [
        // Parts of files that are joined; needed again for as long as a dead chunk is kept that may be sent again.
        { id: 'chunk-results', prefix: 'chunks/', expiration: Duration.days(90) },
        { id: 'canary', prefix: 'results/assay_canary/', expiration: Duration.days(1) },
        { id: 'results', prefix: 'results/', expiration: Duration.days(props.stage.retentionDays) },
      ],
    });
    this.quarantine = new DataBucket(this, 'Quarantine', {
      encryptionKey,
      accessLogs,
      lifecycleRules: [{ id: 'quarantine', expiration: Duration.days(90) }],
    });
    this.models = new DataBucket(this, 'Models', {
      encryptionKey,
      accessLogs,
      // What administrators bring for a PUT; the PUT copies it.
      // Seven days in all: lists may hold what is personal, so older versions do not stay for longer.
      lifecycleRules: [
        {
          id: 'uploads',
          prefix: 'uploads/',
          expiration: Duration.days(5),
          noncurrentVersionExpiration: Duration.days(1),
        },
      ],
    });
    this.audit = new AuditBucket(this, 'Audit', { encryptionKey, accessLogs, ...props.stage.audit });
    this.lake = new DataBucket(this, 'Lake', {
      encryptionKey,
      accessLogs,
      lifecycleRules: [
        // A change is brought again within days, if at all; the rest is for a person to look at.
        { id: 'landed', prefix: 'landing/', expiration: Duration.days(30) },
        { id: 'known-rows', prefix: 'index/', expiration: Duration.days(30) },
        { id: 'rejected', prefix: 'rejected/', expiration: Duration.days(90) },
        ...['events', 'decisions', 'feedback'].map((table) => ({
          id: table,
          prefix: `${table}/`,
          expiration: Duration.days(props.stage.retentionDays),
        })),
      ],
    });
    this.notifyFiles();

    this.eventTable = this.table('EventTable', {
      indexes: ENTITY_INDEXES.map((name, slot) => [name, `entity${slot + 1}`, 'entitySk']),
      streamed: true,
    });
    this.profileTable = this.table('ProfileTable');
    this.feedbackTable = this.table('FeedbackTable', { streamed: true });
    this.registryTable = this.table('RegistryTable');
    this.fileTable = this.table('FileTable', {
      indexes: [[OPEN_FILES_INDEX, 'openShard', 'openSince']],
      streamed: true,
    });

    this.people = new People(
      this.table('PeopleTable', { recoveryDays: PEOPLE_RECOVERY_DAYS }),
      this.key('PersonKey', 'Assay: wraps the keys of people; who may decrypt with it may see originals', keys.people),
    );

    this.tokenSecret = new Secret(this, 'TokenKey', {
      description: 'Key of the hash that replaces entity ids and personal values in Assay. Losing it loses every join.',
      encryptionKey: this.bucketKey,
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ current: 1 }),
        generateStringKey: 'k1',
        passwordLength: 64,
        excludePunctuation: true,
      },
      removalPolicy: RemovalPolicy.RETAIN,
    });
  }

  private key(id: string, description: string, ownArn: string | undefined): IKey {
    if (ownArn !== undefined) return Key.fromKeyArn(this, id, ownArn);
    return new Key(this, id, { description, enableKeyRotation: true, removalPolicy: RemovalPolicy.RETAIN });
  }

  private table(id: string, { indexes = [], streamed = false, recoveryDays }: TableOptions = {}): TableV2 {
    const text = (name: string) => ({ name, type: AttributeType.STRING });
    return new TableV2(this, id, {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      billing: Billing.onDemand(),
      encryption: this.tableKey
        ? TableEncryptionV2.customerManagedKey(this.tableKey)
        : TableEncryptionV2.awsManagedKey(),
      pointInTimeRecoverySpecification: {
        pointInTimeRecoveryEnabled: true,
        ...(recoveryDays !== undefined && { recoveryPeriodInDays: recoveryDays }),
      },
      deletionProtection: true,
      timeToLiveAttribute: 'expiresAt',
      // Both images: the only view that a table with replicas may have, should it ever get some.
      ...(streamed && { dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES }),
      removalPolicy: RemovalPolicy.RETAIN,
      globalSecondaryIndexes: indexes.map(([indexName, partition, sort]) => ({
        indexName,
        partitionKey: text(partition),
        sortKey: text(sort),
        projectionType: ProjectionType.KEYS_ONLY,
      })),
    });
  }

  /** S3 tells the files queue of each new object. Written as plain CloudFormation: CDK's own way adds a Python function. */
  private notifyFiles(): void {
    const s3 = new ServicePrincipal('s3.amazonaws.com', {
      conditions: { StringEquals: { 'aws:SourceAccount': this.account } },
    });
    this.files.queue.addToResourcePolicy(
      new PolicyStatement({ principals: [s3], actions: ['sqs:SendMessage'], resources: [this.files.queue.queueArn] }),
    );
    this.queueKey.addToResourcePolicy(
      new PolicyStatement({ principals: [s3], actions: ['kms:GenerateDataKey', 'kms:Decrypt'], resources: ['*'] }),
    );
    const bucket = this.inbox.node.defaultChild as CfnBucket;
    bucket.notificationConfiguration = {
      queueConfigurations: ['events/', 'feedback/'].map((prefix) => ({
        event: 's3:ObjectCreated:*',
        queue: this.files.queue.queueArn,
        filter: { s3Key: { rules: [{ name: 'prefix', value: prefix }] } },
      })),
    };
    // S3 checks that it may send when the notification is set, so the queue's policy comes first.
    const policy = this.files.queue.node.findChild('Policy').node.defaultChild;
    if (policy) bucket.node.addDependency(policy);
  }
}
