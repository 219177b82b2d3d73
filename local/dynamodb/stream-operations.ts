import * as z from 'zod';
import { type Fault, notFound, serviceFault, validationFault } from './errors.ts';
import type { ServiceContext } from './service-context.ts';
import { type Stream, type StreamRecord, sequenceText } from './streams.ts';

const ITERATOR_LIFE_MS = 5 * 60 * 1000;
const MAX_RECORDS = 1000;
const MAX_STREAMS = 100;

const DescribeStreamSchema = z.object({ StreamArn: z.string().min(37).max(1024) });
const ListStreamsSchema = z.object({
  TableName: z.string().optional(),
  ExclusiveStartStreamArn: z.string().optional(),
  Limit: z.int().min(1).max(MAX_STREAMS).default(MAX_STREAMS),
});
const GetShardIteratorSchema = z.object({
  StreamArn: z.string().min(37).max(1024),
  ShardId: z.string().min(28).max(65),
  ShardIteratorType: z.enum(['TRIM_HORIZON', 'LATEST', 'AT_SEQUENCE_NUMBER', 'AFTER_SEQUENCE_NUMBER']),
  SequenceNumber: z
    .string()
    .regex(/^\d{21,40}$/)
    .optional(),
});
const GetRecordsSchema = z.object({
  ShardIterator: z.string().min(1).max(2048),
  Limit: z.int().min(1).max(MAX_RECORDS).default(MAX_RECORDS),
});

/** What a shard iterator holds: a stream, the last sequence number that was read, and its end of life. */
const IteratorSchema = z.strictObject({ arn: z.string(), after: z.int().min(0), expiresMs: z.int() });
type Iterator = z.infer<typeof IteratorSchema>;

const parsed = <T>(schema: z.ZodType<T>, body: object): T => {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const { path, message } = result.error.issues[0]!;
  const name = path.join('.');
  throw validationFault(
    `1 validation error detected: Value at '${name.charAt(0).toLowerCase()}${name.slice(1)}' failed to satisfy constraint: ${message}`,
  );
};

/** A stream is one shard, with an id in the form that AWS gives. */
const shardIdOf = ({ id, createdMs }: Stream): string =>
  `shardId-${String(createdMs).padStart(20, '0')}-${String(id).padStart(8, '0')}`;

const streamFor = ({ streams }: ServiceContext, arn: string): Stream => {
  const stream = streams.find(arn);
  if (!stream) throw notFound(`Requested resource not found: Stream: ${arn} not found`);
  return stream;
};

const shardOf = (context: ServiceContext, stream: Stream) => ({
  ShardId: shardIdOf(stream),
  SequenceNumberRange: {
    StartingSequenceNumber: sequenceText(context.streams.firstSequence(stream) ?? context.streams.lastSequence() + 1),
    ...(stream.closedMs === null ? {} : { EndingSequenceNumber: sequenceText(context.streams.lastSequence()) }),
  },
});

export const describeStream = (context: ServiceContext, body: object) => {
  const stream = streamFor(context, parsed(DescribeStreamSchema, body).StreamArn);
  return {
    StreamDescription: {
      StreamArn: stream.arn,
      StreamLabel: stream.label,
      StreamStatus: stream.closedMs === null ? 'ENABLED' : 'DISABLED',
      StreamViewType: stream.viewType,
      CreationRequestDateTime: stream.createdMs / 1000,
      TableName: stream.tableName,
      KeySchema: stream.keySchema,
      Shards: [shardOf(context, stream)],
    },
  };
};

export const listStreams = ({ streams }: ServiceContext, body: object) => {
  const { TableName, ExclusiveStartStreamArn, Limit } = parsed(ListStreamsSchema, body);
  const all = streams.list(TableName).filter(({ arn }) => !ExclusiveStartStreamArn || arn > ExclusiveStartStreamArn);
  const page = all.slice(0, Limit);
  return {
    Streams: page.map(({ arn, tableName, label }) => ({ StreamArn: arn, TableName: tableName, StreamLabel: label })),
    LastEvaluatedStreamArn: page.length < all.length ? page[page.length - 1]!.arn : undefined,
  };
};

const encodeIterator = ({ now }: ServiceContext, arn: string, after: number): string => {
  const iterator: Iterator = { arn, after, expiresMs: now() + ITERATOR_LIFE_MS };
  return Buffer.from(JSON.stringify(iterator)).toString('base64url');
};

/** What an iterator says, or undefined for text that no GetShardIterator gave. */
export const decodeIterator = (text: string): Iterator | undefined => {
  try {
    return IteratorSchema.safeParse(JSON.parse(Buffer.from(text, 'base64url').toString())).data;
  } catch {
    return undefined;
  }
};

const trimmed = (): Fault =>
  serviceFault(
    'TrimmedDataAccessException',
    'The operation attempted to read past the oldest stream record in a shard, which was trimmed after 24 hours',
  );

/** The last sequence number that counts as read, for where an iterator shall begin. */
const startOf = (
  { streams }: ServiceContext,
  stream: Stream,
  { ShardIteratorType: type, SequenceNumber }: z.infer<typeof GetShardIteratorSchema>,
): number => {
  if (type === 'TRIM_HORIZON') return 0;
  if (type === 'LATEST') return streams.lastSequence();
  if (SequenceNumber === undefined) throw validationFault(`SequenceNumber is required for ShardIteratorType ${type}`);
  const sequence = Number(SequenceNumber);
  const first = streams.firstSequence(stream);
  if (first !== undefined && sequence < first) throw trimmed();
  return type === 'AT_SEQUENCE_NUMBER' ? sequence - 1 : sequence;
};

export const getShardIterator = (context: ServiceContext, body: object) => {
  const request = parsed(GetShardIteratorSchema, body);
  const stream = streamFor(context, request.StreamArn);
  if (request.ShardId !== shardIdOf(stream)) {
    throw notFound(`Requested resource not found: Shard does not exist in stream ${stream.arn}`);
  }
  return { ShardIterator: encodeIterator(context, stream.arn, Math.max(0, startOf(context, stream, request))) };
};

/** The API spells the members of an identity with capitals, a Lambda event without. */
const apiRecord = ({ userIdentity, eventSourceARN: _, ...record }: StreamRecord) => ({
  ...record,
  ...(userIdentity ? { userIdentity: { Type: userIdentity.type, PrincipalId: userIdentity.principalId } } : {}),
});

export const getRecords = (context: ServiceContext, body: object) => {
  const { ShardIterator, Limit } = parsed(GetRecordsSchema, body);
  const iterator = decodeIterator(ShardIterator);
  if (!iterator) throw validationFault('Invalid ShardIterator');
  if (iterator.expiresMs <= context.now()) {
    throw serviceFault(
      'ExpiredIteratorException',
      'Iterator expired. The iterator was created more than 5 minutes ago.',
    );
  }
  const stream = streamFor(context, iterator.arn);
  const records = context.streams.read(stream, iterator.after, Limit);
  const last = records.length > 0 ? Number(records[records.length - 1]!.dynamodb.SequenceNumber) : iterator.after;
  // A stream that was turned off gets no more records, and its readers no more iterators.
  const ended = stream.closedMs !== null && records.length < Limit;
  return {
    Records: records.map(apiRecord),
    NextShardIterator: ended ? undefined : encodeIterator(context, stream.arn, last),
  };
};
