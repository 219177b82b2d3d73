import { createHash } from 'node:crypto';
import * as z from 'zod';
import { DeploymentError } from '../../errors.ts';
import { type EventTest, readPattern } from '../../events/pattern.ts';
import { checkProperties, parseProperties } from '../../properties.ts';
import type { ResourceDeclaration } from '../../resources.ts';
import { functionNameIn } from '../names.ts';

interface CommonMapping {
  readonly id: string;
  readonly functionName: string;
  readonly sourceArn: string;
  readonly enabled: boolean;
  readonly batchSize: number;
  /** How long a batch may wait to become full, in seconds. */
  readonly windowSeconds: number;
  /** Whether the function says which items of a batch have failed. */
  readonly partialFailures: boolean;
}

/** Feeds a function from a queue. */
export interface QueueMapping extends CommonMapping {
  readonly source: 'queue';
  readonly fifo: boolean;
  /** Batches that are worked on at once, at most. */
  readonly maximumConcurrency: number | undefined;
}

/** Feeds a function from the stream of a table, in order. */
export interface StreamMapping extends CommonMapping {
  readonly source: 'stream';
  readonly startingPosition: 'TRIM_HORIZON' | 'LATEST';
  readonly bisect: boolean;
  /** Repeats of a failing batch; -1 for as many as the record's life allows. */
  readonly maximumRetries: number;
  /** Age in seconds at which records are passed over; -1 for the stream's own retention. */
  readonly maximumAgeSeconds: number;
  /** Queue that is told of batches that were given up. */
  readonly onFailureArn: string | undefined;
  /** Whether a record is one that the function wants; the others are passed over. */
  readonly wants: EventTest;
}

export type Mapping = QueueMapping | StreamMapping;

/** A mapping as ListEventSourceMappings shows it. */
export interface MappingDescription {
  readonly UUID: string;
  readonly EventSourceArn: string;
  readonly FunctionArn: string;
  readonly BatchSize: number;
  readonly State: 'Enabled' | 'Disabled';
}

const wholeNumber = (least: number, most: number) => z.coerce.number().int().min(least).max(most);

const CommonSchema = z.object({
  EventSourceArn: z.string(),
  FunctionName: z.string(),
  Enabled: z.boolean().default(true),
  FunctionResponseTypes: z.array(z.literal('ReportBatchItemFailures')).default([]),
  MaximumBatchingWindowInSeconds: wholeNumber(0, 300).default(0),
  Tags: z.unknown().optional(),
});

const QueueSchema = CommonSchema.extend({
  BatchSize: wholeNumber(1, 10_000).default(10),
  ScalingConfig: z.strictObject({ MaximumConcurrency: wholeNumber(2, 1000).optional() }).default({}),
});

const StreamSchema = CommonSchema.extend({
  BatchSize: wholeNumber(1, 10_000).default(100),
  StartingPosition: z.enum(['TRIM_HORIZON', 'LATEST']),
  BisectBatchOnFunctionError: z.boolean().default(false),
  MaximumRetryAttempts: wholeNumber(-1, 10_000).default(-1),
  MaximumRecordAgeInSeconds: wholeNumber(-1, 604_800).default(-1),
  FilterCriteria: z
    .strictObject({
      Filters: z
        .array(z.strictObject({ Pattern: z.string() }))
        .min(1)
        .max(10),
    })
    .optional(),
  ParallelizationFactor: z.literal(1, 'must be 1: a stream here is one shard, read in order').optional(),
  DestinationConfig: z
    .strictObject({
      OnFailure: z.strictObject({
        Destination: z.string().startsWith('arn:aws:sqs:', 'must be a queue: other destinations are not emulated'),
      }),
    })
    .optional(),
});

/**
 * Reads the properties of an `AWS::Lambda::EventSourceMapping`.
 *
 * @throws {DeploymentError} for another source than a queue or the stream of a table, or for what is not honoured.
 */
export const readMapping = (resource: ResourceDeclaration): Mapping => {
  const source = String(resource.properties.EventSourceArn);
  if (/^arn:aws:sqs:[^:]+:\d{12}:[^:]+$/.test(source)) return queueMapping(resource);
  if (/^arn:aws:dynamodb:[^:]+:\d{12}:table\/[^/]+\/stream\/[^/]+$/.test(source)) return streamMapping(resource);
  throw new DeploymentError('EventSourceArn: only queues and the streams of tables are emulated as event sources');
};

const queueMapping = (resource: ResourceDeclaration): QueueMapping => {
  checkProperties(resource, Object.keys(QueueSchema.shape));
  const properties = parseProperties(QueueSchema, resource);
  const { BatchSize, MaximumBatchingWindowInSeconds: window } = properties;
  const fifo = properties.EventSourceArn.endsWith('.fifo');
  if (fifo && BatchSize > 10) throw new DeploymentError('BatchSize: at most 10 for a FIFO queue');
  if (fifo && window > 0) throw new DeploymentError('MaximumBatchingWindowInSeconds: not for FIFO queues');
  if (BatchSize > 10 && window < 1) {
    throw new DeploymentError('MaximumBatchingWindowInSeconds: at least 1 for a BatchSize above 10');
  }
  return {
    source: 'queue',
    ...commonOf(resource, properties),
    fifo,
    maximumConcurrency: properties.ScalingConfig.MaximumConcurrency,
  };
};

const streamMapping = (resource: ResourceDeclaration): StreamMapping => {
  checkProperties(resource, Object.keys(StreamSchema.shape));
  const properties = parseProperties(StreamSchema, resource);
  return {
    source: 'stream',
    ...commonOf(resource, properties),
    startingPosition: properties.StartingPosition,
    bisect: properties.BisectBatchOnFunctionError,
    maximumRetries: properties.MaximumRetryAttempts,
    maximumAgeSeconds: properties.MaximumRecordAgeInSeconds,
    onFailureArn: properties.DestinationConfig?.OnFailure.Destination,
    wants: wantsOf(properties.FilterCriteria?.Filters),
  };
};

/** One pattern suffices; without any, every record is wanted. */
const wantsOf = (filters: readonly { readonly Pattern: string }[] | undefined): EventTest => {
  const tests = filters?.map(({ Pattern }) => readPattern(patternIn(Pattern)));
  return (record) => tests?.some((test) => test(record)) ?? true;
};

const patternIn = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    throw new DeploymentError('FilterCriteria: a pattern is not JSON');
  }
};

const commonOf = (
  resource: ResourceDeclaration,
  properties: z.infer<typeof CommonSchema> & { BatchSize: number },
): CommonMapping => ({
  id: idOf(resource),
  functionName: functionNameIn(properties.FunctionName),
  sourceArn: properties.EventSourceArn,
  enabled: properties.Enabled,
  batchSize: properties.BatchSize,
  windowSeconds: properties.MaximumBatchingWindowInSeconds,
  partialFailures: properties.FunctionResponseTypes.length > 0,
});

/** A UUID that is the same at every start. */
const idOf = ({ stackName, logicalId }: ResourceDeclaration): string =>
  createHash('sha256')
    .update(`${stackName}/${logicalId}`)
    .digest('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12}).*$/, '$1-$2-$3-$4-$5');
