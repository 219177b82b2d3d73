import * as z from 'zod';
import { AwsError } from '../errors.ts';
import { type Context, existing, needsOn, type Operation } from './context.ts';
import { invalidParameter } from './errors.ts';
import { parseInput } from './input.ts';
import { onQueue } from './message-operations.ts';
import { readTaskHandle } from './move-tasks.ts';
import { FIFO_SETTINGS, type Queue, SettingsSchema } from './queue.ts';

const NOTHING = z.object({});
const PURGE_PAUSE_MS = 60_000;

/** Every attribute of a queue by its name, as text. */
const attributesOf = (queue: Queue, { store, now }: Context): Record<string, string> => {
  const { visible, inFlight, delayed } = store.counts(queue, now());
  const { KmsMasterKeyId, KmsDataKeyReusePeriodSeconds, SqsManagedSseEnabled, RedrivePolicy, ...rest } = queue.settings;
  const settings = Object.entries(rest)
    .filter(([name]) => queue.fifo || !(FIFO_SETTINGS as readonly string[]).includes(name))
    .map(([name, value]) => [name, String(value)]);
  return {
    QueueArn: queue.arn,
    ApproximateNumberOfMessages: String(visible),
    ApproximateNumberOfMessagesNotVisible: String(inFlight),
    ApproximateNumberOfMessagesDelayed: String(delayed),
    CreatedTimestamp: String(Math.floor(queue.createdMs / 1000)),
    LastModifiedTimestamp: String(Math.floor(queue.modifiedMs / 1000)),
    ...Object.fromEntries(settings),
    ...(queue.fifo ? { FifoQueue: 'true' } : {}),
    ...(queue.policy ? { Policy: JSON.stringify(queue.policy) } : {}),
    ...(RedrivePolicy ? { RedrivePolicy: JSON.stringify(RedrivePolicy) } : {}),
    ...(KmsMasterKeyId
      ? { KmsMasterKeyId, KmsDataKeyReusePeriodSeconds: String(KmsDataKeyReusePeriodSeconds) }
      : { SqsManagedSseEnabled: String(SqsManagedSseEnabled ?? true) }),
  };
};

const KNOWN_ATTRIBUTES = new Set([
  'QueueArn',
  'ApproximateNumberOfMessages',
  'ApproximateNumberOfMessagesNotVisible',
  'ApproximateNumberOfMessagesDelayed',
  'CreatedTimestamp',
  'LastModifiedTimestamp',
  'FifoQueue',
  'Policy',
  'RedriveAllowPolicy',
  ...Object.keys(SettingsSchema.shape),
]);

const unknownAttribute = (): AwsError => new AwsError('InvalidAttributeName', 'The attribute name is not known.');

const nameInArn = (arn: string, parameter: string, { queues }: Context): string => {
  const name = arn.split(':').at(-1) ?? '';
  if (queues.arnOf(name) !== arn) throw invalidParameter(parameter, 'it is not the ARN of a queue of this account');
  return name;
};

/** @throws {AwsError} ResourceNotFoundException, as the operations on move tasks put it. */
const byArn = (name: string, { queues }: Context): Queue => {
  const queue = queues.find(name);
  if (!queue) throw new AwsError('ResourceNotFoundException', 'The resource that you specified does not exist.', 404);
  return queue;
};

const StartSchema = z.object({
  SourceArn: z.string(),
  DestinationArn: z.string().nullish(),
  MaxNumberOfMessagesPerSecond: z.number().int().min(1).max(500).nullish(),
});

const startMoveTask: Operation = (raw, context) => {
  const { SourceArn, DestinationArn, MaxNumberOfMessagesPerSecond } = parseInput(StartSchema, raw);
  const source = nameInArn(SourceArn, 'SourceArn', context);
  const destination = DestinationArn == null ? undefined : nameInArn(DestinationArn, 'DestinationArn', context);
  // Without a destination the messages go back to wherever they came from: any queue that names this one.
  const targets =
    destination === undefined
      ? context.queues
          .all()
          .filter(({ settings }) => settings.RedrivePolicy?.deadLetterTargetArn === SourceArn)
          .map(({ name }) => name)
      : [destination];
  return {
    needs: [
      ...['StartMessageMoveTask', 'DeleteMessage', 'GetQueueAttributes'].flatMap((action) =>
        needsOn(source, action, context),
      ),
      ...needsOn(source, 'ReceiveMessage', context, 'read'),
      ...targets.flatMap((target) => needsOn(target, 'SendMessage', context, 'write')),
    ],
    run: () => ({
      TaskHandle: context.moveTasks.start(
        byArn(source, context),
        destination === undefined ? undefined : byArn(destination, context),
        MaxNumberOfMessagesPerSecond ?? undefined,
      ),
    }),
  };
};

const ListTasksSchema = z.object({ SourceArn: z.string(), MaxResults: z.number().int().min(1).max(10).nullish() });

const listMoveTasks: Operation = (raw, context) => {
  const { SourceArn, MaxResults } = parseInput(ListTasksSchema, raw);
  const source = nameInArn(SourceArn, 'SourceArn', context);
  return {
    needs: needsOn(source, 'ListMessageMoveTasks', context),
    run: () => ({ Results: context.moveTasks.list(byArn(source, context), MaxResults ?? 1) }),
  };
};

const cancelMoveTask: Operation = (raw, context) => {
  const { TaskHandle } = parseInput(z.object({ TaskHandle: z.string() }), raw);
  const source = nameInArn(readTaskHandle(TaskHandle).sourceArn, 'TaskHandle', context);
  return {
    needs: needsOn(source, 'CancelMessageMoveTask', context),
    run: () => ({ ApproximateNumberOfMessagesMoved: context.moveTasks.cancel(TaskHandle) }),
  };
};

const ListQueuesSchema = z.object({
  QueueNamePrefix: z.string().nullish(),
  MaxResults: z.number().int().min(1).max(1000).nullish(),
  NextToken: z.string().nullish(),
});

const page = <Key extends string>(urls: readonly string[], key: Key, { MaxResults, NextToken }: PageInput) => {
  const start = Number(NextToken ?? 0);
  if (!Number.isInteger(start) || start < 0) throw invalidParameter('NextToken', 'it is not from an earlier answer');
  const end = start + (MaxResults ?? 1000);
  return { [key]: urls.slice(start, end), ...(MaxResults && end < urls.length ? { NextToken: String(end) } : {}) };
};
type PageInput = Pick<z.infer<typeof ListQueuesSchema>, 'MaxResults' | 'NextToken'>;

const listQueues: Operation = (raw, context) => {
  const input = parseInput(ListQueuesSchema, raw);
  const { queues } = context;
  return {
    needs: [{ action: 'sqs:ListQueues', resource: queues.arnOf('*') }],
    run: () => {
      const names = queues.all().map(({ name }) => name);
      const wanted = names.filter((name) => name.startsWith(input.QueueNamePrefix ?? '')).sort();
      return page(wanted.map(queues.urlOf), 'QueueUrls', input);
    },
  };
};

const getQueueUrl: Operation = (raw, context) => {
  const { QueueName } = parseInput(z.object({ QueueName: z.string() }), raw);
  return {
    needs: needsOn(QueueName, 'GetQueueUrl', context),
    run: () => ({ QueueUrl: context.queues.urlOf(existing(context.queues.find(QueueName)).name) }),
  };
};

/** Looking at queues and changing them, and moving dead letters back. */
export const createQueueOperations = (): Readonly<Record<string, Operation>> => {
  const purgedMs = new Map<string, number>();
  return {
    GetQueueUrl: getQueueUrl,
    ListQueues: listQueues,
    StartMessageMoveTask: startMoveTask,
    ListMessageMoveTasks: listMoveTasks,
    CancelMessageMoveTask: cancelMoveTask,

    GetQueueAttributes: onQueue({
      schema: z.object({ AttributeNames: z.array(z.string()).nullish() }),
      action: 'GetQueueAttributes',
      run(queue, { AttributeNames: wanted }, context) {
        if (!wanted?.length) return {};
        if (!wanted.every((name) => name === 'All' || KNOWN_ATTRIBUTES.has(name))) throw unknownAttribute();
        const all = Object.entries(attributesOf(queue, context));
        const Attributes = all.filter(([name]) => wanted.includes('All') || wanted.includes(name));
        return { Attributes: Object.fromEntries(Attributes) };
      },
    }),

    SetQueueAttributes: onQueue({
      schema: z.object({ Attributes: z.record(z.string(), z.string()) }),
      action: 'SetQueueAttributes',
      run(queue, { Attributes }, { queues }) {
        const allowed = Object.keys(SettingsSchema.shape);
        if (!Object.keys(Attributes).every((name) => allowed.includes(name))) throw unknownAttribute();
        queues.declare(queue.name, parseInput(SettingsSchema, { ...queue.settings, ...Attributes }));
        return {};
      },
    }),

    PurgeQueue: onQueue({
      schema: NOTHING,
      action: 'PurgeQueue',
      run(queue, _input, { store, now }) {
        const lastMs = purgedMs.get(queue.name);
        if (lastMs !== undefined && now() - lastMs < PURGE_PAUSE_MS) {
          throw new AwsError('PurgeQueueInProgress', 'Only one PurgeQueue operation is allowed every 60 seconds.', 403);
        }
        purgedMs.set(queue.name, now());
        store.purge(queue);
        return {};
      },
    }),

    ListDeadLetterSourceQueues: onQueue({
      schema: ListQueuesSchema,
      action: 'ListDeadLetterSourceQueues',
      run(queue, input, { queues }) {
        const sources = queues
          .all()
          .filter(({ settings }) => settings.RedrivePolicy?.deadLetterTargetArn === queue.arn);
        return page(sources.map(({ name }) => queues.urlOf(name)).sort(), 'queueUrls', input);
      },
    }),
  };
};
