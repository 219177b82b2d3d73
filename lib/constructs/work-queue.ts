import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { DeduplicationScope, FifoThroughputLimit, Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';

export interface WorkQueueProps {
  readonly encryptionKey: IKey;
  /** Timeout of the function that works on the messages. Visibility is six times this, as Lambda asks for. */
  readonly workerTimeout: Duration;
  /** @default false */
  readonly fifo?: boolean;
}

/**
 * A queue with its dead-letter queue, encrypted, TLS only.
 *
 * A message is tried 10 times, since throttles spend receives too: an outage of about 10 × the visibility timeout is
 * survived. What died is kept for 14 days, counted from its first enqueue.
 */
export class WorkQueue extends Construct {
  readonly queue: Queue;
  readonly deadLetters: Queue;

  constructor(scope: Construct, id: string, props: WorkQueueProps) {
    super(scope, id);
    const common = {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: props.encryptionKey,
      enforceSSL: true,
      removalPolicy: RemovalPolicy.RETAIN,
      // Throughput is per group: chunks of different files, or all chunks, go side by side.
      ...(props.fifo
        ? {
            fifo: true,
            deduplicationScope: DeduplicationScope.MESSAGE_GROUP,
            fifoThroughputLimit: FifoThroughputLimit.PER_MESSAGE_GROUP_ID,
          }
        : {}),
    };
    const visibilityTimeout = Duration.seconds(props.workerTimeout.toSeconds() * 6);
    this.deadLetters = new Queue(this, 'DeadLetters', {
      ...common,
      retentionPeriod: Duration.days(14),
      visibilityTimeout,
    });
    this.queue = new Queue(this, 'Queue', {
      ...common,
      retentionPeriod: Duration.days(4),
      visibilityTimeout,
      receiveMessageWaitTime: Duration.seconds(20),
      deadLetterQueue: { queue: this.deadLetters, maxReceiveCount: 10 },
    });
  }
}
