import { permissionsFor, type RequiredPermission } from './authorize.ts';
import { batchGetItem, batchWriteItem } from './batches.ts';
import { Catalog } from './catalog.ts';
import { openDatabase } from './database.ts';
import { Fault, notFound, serviceFault } from './errors.ts';
import { sweepExpired } from './expiry.ts';
import { deleteItem, getItem, putItem, updateItem } from './items.ts';
import { query, scan } from './paging.ts';
import type { Interfere, ServiceContext } from './service-context.ts';
import { describeStream, getRecords, getShardIterator, listStreams } from './stream-operations.ts';
import { StreamLog, type StreamRecord, sequenceText } from './streams.ts';
import type { TableDefinition } from './table-definition.ts';
import {
  createTable,
  deleteTable,
  describeTable,
  describeTimeToLive,
  listTables,
  updateTimeToLive,
} from './table-operations.ts';
import { transactGetItems, transactWriteItems } from './transactions.ts';

export type { RequiredPermission } from './authorize.ts';
export { Fault } from './errors.ts';
export type { Access, Interfere, Interference } from './service-context.ts';
export type { StreamRecord, StreamViewType } from './streams.ts';
export type { TableDefinition } from './table-definition.ts';

/** An answer in DynamoDB's JSON protocol: 200 with a result, 400 or 500 with `__type` and a message. */
export interface DynamoDbAnswer {
  readonly status: number;
  readonly body: unknown;
}

export interface DynamoDbOptions {
  /** Where everything is kept, made when it is not there. One process at a time may have it. */
  readonly directory: string;
  /** For the ARNs and stream records. */
  readonly region: string;
  /** Twelve digits, for the ARNs. */
  readonly accountId: string;
  /**
   * Milliseconds since 1970.
   * @default Date.now
   */
  readonly now?: () => number;
  /**
   * Lets tests have an access meet a transaction conflict or a throttle.
   * @default nothing interferes.
   */
  readonly interfere?: Interfere;
  /**
   * Hears of errors that are answered with a 500, and of nothing else.
   * @default written to standard error.
   */
  readonly onInternalError?: (error: unknown) => void;
}

/** DynamoDB and DynamoDB Streams over one directory. */
export interface DynamoDbService {
  /** Answers a request. @param target - the operation, such as `PutItem`. @param body - its parsed JSON. */
  handle(target: string, body: unknown): DynamoDbAnswer;
  /** The permissions that a request needs before it may be handled. */
  authorize(target: string, body: unknown): RequiredPermission[];
  /** Makes a table, or brings an existing one to the definition. @throws {Fault} when it cannot be. */
  createTable(definition: TableDefinition): { readonly tableArn: string; readonly streamArn?: string };
  /** Deletes a table with its items; its stream can be read for another day. */
  deleteTable(name: string): void;
  tableArn(name: string): string;
  /** The ARN of a table's stream, or undefined when the table has none. */
  streamArn(name: string): string | undefined;
  /**
   * Reads a stream for an event source mapping: records behind a sequence number, oldest first.
   *
   * @param after - a record's SequenceNumber; all that is kept when absent.
   * @param limit - most records to give, 1 to 10,000.
   * @throws {Fault} ResourceNotFoundException.
   */
  readStream(streamArn: string, after: string | undefined, limit: number): StreamRecord[];
  /** The place behind all records there are now, for a mapping that starts at LATEST. */
  latestSequence(): string;
  /** Calls a listener with a stream's ARN soon after records were written to it. @returns how to stop. */
  onStreamRecords(listener: (streamArn: string) => void): () => void;
  /** Deletes expired items, and what else has had its time. @returns how many items. */
  sweepExpired(nowMs: number): number;
  close(): void;
}

type Operation = (context: ServiceContext, body: object) => object;

const OPERATIONS: ReadonlyMap<string, Operation> = new Map<string, Operation>(
  Object.entries({
    BatchGetItem: batchGetItem,
    BatchWriteItem: batchWriteItem,
    CreateTable: createTable,
    DeleteItem: deleteItem,
    DeleteTable: deleteTable,
    DescribeStream: describeStream,
    DescribeTable: describeTable,
    DescribeTimeToLive: describeTimeToLive,
    GetItem: getItem,
    GetRecords: getRecords,
    GetShardIterator: getShardIterator,
    ListStreams: listStreams,
    ListTables: listTables,
    PutItem: putItem,
    Query: query,
    Scan: scan,
    TransactGetItems: transactGetItems,
    TransactWriteItems: transactWriteItems,
    UpdateItem: updateItem,
    UpdateTimeToLive: updateTimeToLive,
  }),
);

const unknownOperation = (): Fault =>
  new Fault({ __type: 'com.amazon.coral.service#UnknownOperationException' }, 'UnknownOperation');

const malformed = (): Fault =>
  new Fault({ __type: 'com.amazon.coral.service#SerializationException' }, 'SerializationError');

const operate = (context: ServiceContext, target: string, body: unknown): object => {
  const operation = OPERATIONS.get(target);
  if (!operation) throw unknownOperation();
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw malformed();
  return operation(context, body);
};

const internalError = serviceFault('InternalServerError', 'The request could not be handled; see the log');

/** Opens the service over a directory; what was there before is there again. */
export const createDynamoDb = (options: DynamoDbOptions): DynamoDbService => {
  const { directory, region, accountId, now = Date.now } = options;
  const { interfere = () => undefined, onInternalError = (error) => console.error(error) } = options;
  const database = openDatabase(directory);
  const streams = new StreamLog(database.connection, region, now);
  streams.resume();
  const catalog = new Catalog(database, streams, `arn:aws:dynamodb:${region}:${accountId}:table/`, now);
  const context: ServiceContext = { database, catalog, streams, now, interfere };
  const arnOf = (name: string): string => catalog.arnOf(name);

  return {
    handle: (target, body) => {
      try {
        const result = operate(context, target, body);
        streams.announce();
        return { status: 200, body: result };
      } catch (error) {
        streams.discard();
        if (error instanceof Fault) return { status: error.status, body: error.body };
        onInternalError(error);
        return { status: 500, body: internalError.body };
      }
    },
    authorize: (target, body) => permissionsFor(target, body, arnOf),
    createTable: (definition) => {
      const { arn, stream } = catalog.ensure(definition);
      return { tableArn: arn, streamArn: stream?.arn };
    },
    deleteTable: (name) => {
      catalog.delete(name);
    },
    tableArn: arnOf,
    streamArn: (name) => catalog.find(name)?.stream?.arn,
    readStream: (streamArn, after, limit) => {
      const stream = streams.find(streamArn);
      if (!stream) throw notFound(`Requested resource not found: Stream: ${streamArn} not found`);
      return streams.read(stream, after === undefined ? 0 : Number(after), limit);
    },
    latestSequence: () => sequenceText(streams.lastSequence()),
    onStreamRecords: (listener) => streams.onWritten(listener),
    sweepExpired: (nowMs) => sweepExpired(context, nowMs),
    close: () => database.close(),
  };
};
