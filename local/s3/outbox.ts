import type { DatabaseSync } from 'node:sqlite';
import { AwsError } from '../errors.ts';
import { callJson } from '../inside.ts';
import { type Host, servicePrincipal } from '../resources.ts';
import { type Bucket, bucketArn } from './bucket.ts';
import { eventBody, matching, type ObjectEvent, testEventBody } from './notifications.ts';

/**
 * Notifications on their way to queues. Each is written with the change that it tells of and stays until its queue has
 * taken it, so that a killed process loses none; it may send one twice, as S3 may.
 */
export interface Outbox {
  /** Within the transaction of the change. */
  announce(event: ObjectEvent): void;
  /** A test event for each queue that the bucket has not notified before. */
  introduce(bucket: Bucket, nowMs: number): void;
  /** Sends what is due; called after each change. */
  flush(): void;
  start(): void;
  /** Waits for the message in hand. */
  stop(): Promise<void>;
}

interface OutboxRow {
  readonly id: number;
  readonly bucket: string;
  readonly queue_arn: string;
  readonly body: string;
  readonly attempts: number;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

export const createOutbox = (
  database: DatabaseSync,
  host: Pick<Host, 'region' | 'accountId' | 'endpoint' | 'call' | 'notice'>,
): Outbox => {
  const insert = database.prepare('INSERT INTO outbox (bucket, queue_arn, body, due_ms) VALUES (?, ?, ?, 0)');
  const due = database.prepare('SELECT * FROM outbox WHERE due_ms <= ? ORDER BY due_ms, id LIMIT 100');
  const nextDue = database.prepare('SELECT MIN(due_ms) AS ms FROM outbox');
  const remove = database.prepare('DELETE FROM outbox WHERE id = ?');
  const postpone = database.prepare('UPDATE outbox SET attempts = attempts + 1, due_ms = ? WHERE id = ?');
  const know = database.prepare('INSERT OR IGNORE INTO notified (bucket, queue_arn) VALUES (?, ?)');
  const noticed = new Set<string>();
  let running = false;
  let sending: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  const send = async ({ id, bucket, queue_arn: queueArn, body, attempts }: OutboxRow): Promise<void> => {
    const [accountId, queueName] = queueArn.split(':').slice(4);
    const principal = servicePrincipal('s3.amazonaws.com', bucketArn(bucket), host.accountId);
    try {
      await callJson(host, principal, 'sqs', 'AmazonSQS.SendMessage', {
        QueueUrl: `${host.endpoint}/${accountId}/${queueName}`,
        MessageBody: body,
      });
      remove.run(id);
    } catch (error) {
      postpone.run(Date.now() + Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(attempts, 10)), id);
      const reason = error instanceof AwsError ? error.message : 'the queue could not be reached';
      const line = `S3 cannot notify ${queueArn} of bucket ${bucket}, and keeps trying: ${reason}`;
      if (!noticed.has(line)) host.notice(line);
      noticed.add(line);
    }
  };

  const sendAll = async (): Promise<void> => {
    for (;;) {
      const rows = due.all(Date.now()) as unknown as OutboxRow[];
      if (rows.length === 0) return;
      for (const row of rows) {
        if (!running) return;
        await send(row);
      }
    }
  };

  const flush = (): void => {
    if (!running || sending) return;
    clearTimeout(timer);
    sending = sendAll().finally(() => {
      sending = undefined;
      const { ms } = nextDue.get() as { ms: number | null };
      if (!running || ms === null) return;
      timer = setTimeout(flush, Math.max(1, ms - Date.now()));
      timer.unref();
    });
  };

  return {
    announce(event) {
      for (const notification of matching(event.bucket, event.name, event.key)) {
        insert.run(event.bucket.name, notification.Queue, eventBody(event, notification, host.region));
      }
    },
    introduce(bucket, nowMs) {
      for (const { Queue: queueArn } of bucket.notifications) {
        if (know.run(bucket.name, queueArn).changes > 0) {
          insert.run(bucket.name, queueArn, testEventBody(bucket, nowMs));
        }
      }
    },
    flush,
    start() {
      running = true;
      // What held a notification back may have been put right by the deployment.
      database.exec('UPDATE outbox SET due_ms = 0');
      flush();
    },
    async stop() {
      running = false;
      clearTimeout(timer);
      await sending;
    },
  };
};
