import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import { Construct } from 'constructs';

import { LakeCollectEnvironmentSchema } from '../../functions/lake/collect/environment.ts';
import { LakeCompactEnvironmentSchema } from '../../functions/lake/compact/environment.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { LakeCatalog } from './lake-catalog.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { follow } from './stream-follower.ts';

export interface LakeProps extends FunctionDefaults {
  readonly data: DataStack;
}

/** The longest between two looks at what has landed. */
const LOOK_EVERY_MINUTES = 5;

/**
 * Brings events, decisions and feedback to the lake: one function lands what the streams say, the other makes Parquet
 * files of it, each change one row. Neither deletes; what is old expires by the bucket's rules.
 */
export class Lake extends Construct {
  readonly collect: ServiceFunction<typeof LakeCollectEnvironmentSchema>;
  readonly compact: ServiceFunction<typeof LakeCompactEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, ...defaults }: LakeProps) {
    super(scope, id);
    const { windowSeconds, waitMinutes } = defaults.stage.lake;
    this.collect = new ServiceFunction(this, 'Collect', {
      ...defaults,
      entry: 'lake/collect',
      description: 'Brings what is committed to the lake',
      environmentSchema: LakeCollectEnvironmentSchema,
      environment: { LAKE_BUCKET_NAME: data.lake.bucketName },
      timeout: TIMEOUTS.lakeCollect,
      memorySize: 512,
    });
    const collect = this.collect.function;
    allow(collect, ['s3:PutObject'], data.lake.arnForObjects('landing/*'));
    allowEncrypt(collect, data.bucketKey);
    const batches = { data, batchSize: 2_000, window: Duration.seconds(windowSeconds) };
    const added = (...sk: readonly unknown[]) => [{ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: sk } } } }];
    follow('Events', data.eventTable, collect, { ...batches, wanted: added('EVENT', { prefix: 'D#' }) });
    follow('Feedback', data.feedbackTable, collect, { ...batches, wanted: added({ prefix: 'F#' }) });

    this.compact = new ServiceFunction(this, 'Compact', {
      ...defaults,
      entry: 'lake/compact',
      description: "Makes rows of the lake's tables of what has landed",
      environmentSchema: LakeCompactEnvironmentSchema,
      environment: { LAKE_BUCKET_NAME: data.lake.bucketName, LAKE_WAIT_MINUTES: String(waitMinutes) },
      timeout: TIMEOUTS.lakeCompact,
      memorySize: 2048,
    });
    const compact = this.compact.function;
    const objects = (...prefixes: readonly string[]) => prefixes.map((name) => data.lake.arnForObjects(`${name}/*`));
    allow(compact, ['s3:ListBucket'], data.lake.bucketArn);
    allow(compact, ['s3:GetObject'], ...objects('landing', 'index', 'compactor'));
    allow(compact, ['s3:PutObject'], ...objects('events', 'decisions', 'feedback', 'index', 'rejected', 'compactor'));
    allowEncrypt(compact, data.bucketKey);
    allowDecrypt(compact, data.bucketKey);
    new Rule(this, 'Repeated', {
      description: 'Makes rows of what has landed in the lake',
      schedule: Schedule.rate(Duration.minutes(Math.max(1, Math.min(LOOK_EVERY_MINUTES, waitMinutes)))),
      // The next look does what a failed one has left.
      targets: [new LambdaFunction(this.compact.live, { maxEventAge: Duration.minutes(5), retryAttempts: 0 })],
    });

    new LakeCatalog(this, 'Catalog', { lake: data.lake, stageName: defaults.stageName, stage: defaults.stage });
  }
}
