import { Duration } from 'aws-cdk-lib';
import { EventBus } from 'aws-cdk-lib/aws-events';
import { Construct } from 'constructs';

import { PublishingReplayEnvironmentSchema } from '../../functions/publishing/replay/environment.ts';
import { PublishingStreamEnvironmentSchema } from '../../functions/publishing/stream/environment.ts';
import { resourceNameOf } from '../config.ts';
import type { DataStack } from '../stacks/data-stack.ts';
import { TIMEOUTS } from '../timeouts.ts';
import { allow, allowDecrypt, allowEncrypt } from './grants.ts';
import { workOn } from './queue-worker.ts';
import { type FunctionDefaults, ServiceFunction } from './service-function.ts';
import { follow } from './stream-follower.ts';

export interface PublishingProps extends FunctionDefaults {
  readonly data: DataStack;
  /** Lands what streams say in the lake: what it gave up is landed again by the replay. */
  readonly collectArn: string;
}

/**
 * Tells the world what is committed: `decision made`, `feedback received` and `file settled` on a bus of the stage's own,
 * where any team hangs its rules. See docs/events.md.
 */
export class Publishing extends Construct {
  readonly bus: EventBus;
  readonly stream: ServiceFunction<typeof PublishingStreamEnvironmentSchema>;
  /** Does again what was given up, once an operator moves it from the dead-letter queue. */
  readonly replay: ServiceFunction<typeof PublishingReplayEnvironmentSchema>;

  constructor(scope: Construct, id: string, { data, collectArn, ...defaults }: PublishingProps) {
    super(scope, id);
    this.bus = new EventBus(this, 'Bus', {
      eventBusName: resourceNameOf(defaults.stage, defaults.stageName),
      description: 'What Assay has decided, been told and settled',
    });
    const target = {
      EVENT_BUS_NAME: this.bus.eventBusName,
      GIVEN_UP_QUEUE_URL: data.streamRecords.deadLetters.queueUrl,
    };
    this.stream = new ServiceFunction(this, 'Stream', {
      ...defaults,
      entry: 'publishing/stream',
      description: 'Publishes what is committed',
      environmentSchema: PublishingStreamEnvironmentSchema,
      environment: target,
      timeout: TIMEOUTS.publishingStream,
      memorySize: 512,
    });
    const stream = this.stream.function;
    allow(stream, ['events:PutEvents'], this.bus.eventBusArn);
    const batches = { data, batchSize: 500, window: Duration.seconds(1) };
    const added = (prefix: string) => [{ eventName: ['INSERT'], dynamodb: { Keys: { sk: { S: [{ prefix }] } } } }];
    follow('Decisions', data.eventTable, stream, { ...batches, wanted: added('D#') });
    follow('Feedback', data.feedbackTable, stream, { ...batches, wanted: added('F#') });
    // A file's record is written many times; only one that has ended is worth a look.
    const ended = { status: { S: ['complete', 'quarantined'] } };
    const files = [{ dynamodb: { Keys: { sk: { S: ['FILE'] } }, NewImage: ended } }];
    follow('Files', data.fileTable, stream, { ...batches, wanted: files });

    this.replay = new ServiceFunction(this, 'Replay', {
      ...defaults,
      entry: 'publishing/replay',
      description: 'Publishes and lands again what was given up',
      environmentSchema: PublishingReplayEnvironmentSchema,
      environment: {
        ...target,
        EVENT_TABLE_NAME: data.eventTable.tableName,
        FEEDBACK_TABLE_NAME: data.feedbackTable.tableName,
        FILE_TABLE_NAME: data.fileTable.tableName,
        LAKE_BUCKET_NAME: data.lake.bucketName,
        LAKE_COLLECT_ARN: collectArn,
      },
      timeout: TIMEOUTS.publishingReplay,
    });
    const replay = this.replay.function;
    const tables = [data.eventTable, data.feedbackTable, data.fileTable];
    allow(replay, ['dynamodb:GetItem'], ...tables.map(({ tableArn }) => tableArn));
    allow(
      replay,
      ['dynamodb:GetRecords', 'dynamodb:GetShardIterator'],
      ...tables.map(({ tableStreamArn = '' }) => tableStreamArn),
    );
    allow(replay, ['events:PutEvents'], this.bus.eventBusArn);
    allow(replay, ['sqs:SendMessage'], data.streamRecords.deadLetters.queueArn);
    allow(replay, ['s3:PutObject'], data.lake.arnForObjects('landing/*'));
    allowEncrypt(replay, data.bucketKey);
    allowEncrypt(replay, data.queueKey);
    allowDecrypt(replay, data.queueKey);
    const work = { encryptionKey: data.queueKey, batchSize: 1, maxConcurrency: 2 };
    workOn('StreamRecords', data.streamRecords.queue, replay, work);
  }
}
