import { type DynamoDBClient, GetItemCommand } from '@aws-sdk/client-dynamodb';
import {
  type DynamoDBStreamsClient,
  GetRecordsCommand,
  type GetRecordsCommandOutput,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';

import { ServiceError } from '#domain/errors.ts';
import { type StreamRecord, StreamRecordSchema } from '#domain/stream-record.ts';
import type { Clock, Deadline } from '#ports/clock.ts';
import type { GivenUpRecords, StreamRange } from '#ports/given-up-records.ts';
import type { AwsCall } from './aws-call.ts';
import { keyOf } from './dynamo-decision-store-items.ts';

export interface DynamoGivenUpRecordsOptions {
  readonly dynamoDb: DynamoDBClient;
  readonly streams: DynamoDBStreamsClient;
  readonly eventTable: string;
  readonly feedbackTable: string;
  readonly fileTable: string;
  readonly call: AwsCall;
  readonly clock: Clock;
}

const STREAM = 'the stream';

/** Records from the streams themselves, items from their tables. */
export class DynamoGivenUpRecords implements GivenUpRecords {
  readonly #options: DynamoGivenUpRecordsOptions;

  constructor(options: DynamoGivenUpRecordsOptions) {
    this.#options = options;
  }

  async *range(
    { streamArn, shardId, from, to }: StreamRange,
    deadline: Deadline,
  ): AsyncGenerator<readonly StreamRecord[]> {
    let iterator: string | undefined = await this.#iteratorAt(streamArn, shardId, from, deadline);
    while (iterator !== undefined) {
      const page: GetRecordsCommandOutput = await this.#page(iterator, deadline);
      const records = (page.Records ?? []).map((record) => recordOf(record, streamArn));
      const wanted = records.filter(({ dynamodb }) => BigInt(dynamodb.SequenceNumber) <= BigInt(to));
      if (wanted.length > 0) yield wanted;
      const passed = wanted.length < records.length || wanted.at(-1)?.dynamodb.SequenceNumber === to;
      // An empty page does not mean the end: only that nothing was found so far.
      iterator = passed ? undefined : page.NextShardIterator;
    }
  }

  async item(pk: string, sk: string, deadline: Deadline): Promise<StreamRecord | undefined> {
    const { dynamoDb, eventTable, feedbackTable, fileTable, call, clock } = this.#options;
    const TableName = pk.startsWith('F#') ? fileTable : sk.startsWith('F#') ? feedbackTable : eventTable;
    const command = () => new GetItemCommand({ TableName, Key: keyOf(pk, sk), ConsistentRead: true });
    const { Item } = await call((options) => dynamoDb.send(command(), options), { deadline, what: 'the table' });
    if (!Item) return undefined;
    return StreamRecordSchema.parse({
      eventName: 'INSERT',
      eventSourceARN: TableName,
      dynamodb: {
        ApproximateCreationDateTime: Math.floor(clock.nowMs() / 1_000),
        Keys: keyOf(pk, sk),
        NewImage: Item,
        SequenceNumber: '0',
      },
    });
  }

  async #iteratorAt(StreamArn: string, ShardId: string, from: string, deadline: Deadline) {
    const { streams, call } = this.#options;
    const at = { ShardIteratorType: 'AT_SEQUENCE_NUMBER', SequenceNumber: from } as const;
    const command = () => new GetShardIteratorCommand({ StreamArn, ShardId, ...at });
    try {
      const answer = await call((options) => streams.send(command(), options), { deadline, what: STREAM });
      return answer.ShardIterator;
    } catch (cause) {
      throw goneOr(cause);
    }
  }

  async #page(ShardIterator: string, deadline: Deadline): Promise<GetRecordsCommandOutput> {
    const { streams, call } = this.#options;
    const command = () => new GetRecordsCommand({ ShardIterator });
    try {
      return await call((options) => streams.send(command(), options), { deadline, what: STREAM });
    } catch (cause) {
      throw goneOr(cause);
    }
  }
}

const goneOr = (cause: unknown): unknown =>
  cause instanceof TrimmedDataAccessException || cause instanceof ResourceNotFoundException
    ? new ServiceError('not_found', 'the stream does not hold these records any more; it keeps them for a day', {
        cause,
      })
    : cause;

/** A record as a Lambda function gets it: the SDK makes a date of the time. */
const recordOf = (record: NonNullable<GetRecordsCommandOutput['Records']>[number], eventSourceARN: string) =>
  StreamRecordSchema.parse({
    ...record,
    eventSourceARN,
    dynamodb: {
      ...record.dynamodb,
      ApproximateCreationDateTime: (record.dynamodb?.ApproximateCreationDateTime?.getTime() ?? 0) / 1_000,
    },
  });
