import type { DatabaseSync } from 'node:sqlite';
import * as z from 'zod';
import type { Host } from '../resources.ts';
import type { PolicyDocument } from '../service.ts';

/** Numbers and flags arrive as such from templates, and as text from SetQueueAttributes. */
const whole = (least: number, most: number) =>
  z.union([z.number(), z.string().regex(/^\d+$/).transform(Number)]).pipe(z.number().int().min(least).max(most));
const flag = z.union([z.boolean(), z.enum(['true', 'false']).transform((text) => text === 'true')]);

const RedriveSchema = z.strictObject({ deadLetterTargetArn: z.string().min(1), maxReceiveCount: whole(1, 1000) });

const JsonSchema = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue({ code: 'custom', message: 'is not JSON' });
    return z.NEVER;
  }
});

const DAY_SECONDS = 24 * 3600;

/** What a queue can be told, by the names that templates and calls share. Times are in seconds, sizes in bytes. */
export const SettingsSchema = z.strictObject({
  DelaySeconds: whole(0, 900).default(0),
  MaximumMessageSize: whole(1024, 1_048_576).default(1_048_576),
  MessageRetentionPeriod: whole(60, 14 * DAY_SECONDS).default(4 * DAY_SECONDS),
  ReceiveMessageWaitTimeSeconds: whole(0, 20).default(0),
  VisibilityTimeout: whole(0, 12 * 3600).default(30),
  RedrivePolicy: z.union([RedriveSchema, JsonSchema.pipe(RedriveSchema)]).optional(),
  KmsMasterKeyId: z.string().min(1).optional(),
  KmsDataKeyReusePeriodSeconds: whole(60, DAY_SECONDS).default(300),
  SqsManagedSseEnabled: flag.optional(),
  ContentBasedDeduplication: flag.default(false),
  DeduplicationScope: z.enum(['queue', 'messageGroup']).default('queue'),
  FifoThroughputLimit: z.enum(['perQueue', 'perMessageGroupId']).default('perQueue'),
});
export type QueueSettings = z.infer<typeof SettingsSchema>;

export const FIFO_SETTINGS = ['ContentBasedDeduplication', 'DeduplicationScope', 'FifoThroughputLimit'] as const;

/** A queue as its template describes it. */
export interface Queue {
  readonly name: string;
  readonly arn: string;
  readonly fifo: boolean;
  readonly settings: QueueSettings;
  readonly policy: PolicyDocument | undefined;
  readonly createdMs: number;
  readonly modifiedMs: number;
}

/** The queues that there are, by name. Deploying the templates fills it at every start. */
export interface Queues {
  find(name: string): Queue | undefined;
  findByArn(arn: string): Queue | undefined;
  all(): readonly Queue[];
  /** Makes a queue or changes its settings; its policy stays. */
  declare(name: string, settings: QueueSettings): Queue;
  setPolicy(name: string, policy: PolicyDocument | undefined): void;
  arnOf(name: string): string;
  urlOf(name: string): string;
  /** The name in a queue's URL, whatever host it names: ports change from start to start. */
  nameIn(url: string): string | undefined;
}

/** @param now - milliseconds since 1970. */
export const createQueues = (
  database: DatabaseSync,
  host: Pick<Host, 'region' | 'accountId' | 'endpoint'>,
  now: () => number,
): Queues => {
  const queues = new Map<string, Queue>();
  const prefix = `arn:aws:sqs:${host.region}:${host.accountId}:`;
  // The time of the last change is that of settings which differ, not of the last start.
  const put = database.prepare(
    `INSERT INTO queues (name, created_ms, modified_ms, settings) VALUES (:name, :now, :now, :settings)
     ON CONFLICT DO UPDATE SET settings = excluded.settings,
       modified_ms = CASE WHEN settings = excluded.settings THEN modified_ms ELSE excluded.modified_ms END
     RETURNING created_ms, modified_ms`,
  );
  return {
    find: (name) => queues.get(name),
    findByArn: (arn) => (arn.startsWith(prefix) ? queues.get(arn.slice(prefix.length)) : undefined),
    all: () => [...queues.values()],
    declare(name, settings) {
      const times = put.get({ name, now: now(), settings: JSON.stringify(settings) }) as {
        created_ms: number;
        modified_ms: number;
      };
      const queue: Queue = {
        name,
        arn: `${prefix}${name}`,
        fifo: name.endsWith('.fifo'),
        settings,
        policy: queues.get(name)?.policy,
        createdMs: times.created_ms,
        modifiedMs: times.modified_ms,
      };
      queues.set(name, queue);
      return queue;
    },
    setPolicy(name, policy) {
      const queue = queues.get(name);
      if (queue) queues.set(name, { ...queue, policy });
    },
    arnOf: (name) => `${prefix}${name}`,
    urlOf: (name) => `${host.endpoint}/${host.accountId}/${name}`,
    nameIn(url) {
      const [, accountId, name] = /^(?:https?:\/\/[^/]+)?\/(\d{12})\/([A-Za-z0-9_-]{1,80}(?:\.fifo)?)$/.exec(url) ?? [];
      return accountId === host.accountId ? name : undefined;
    },
  };
};
