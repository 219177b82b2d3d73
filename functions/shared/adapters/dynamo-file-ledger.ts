import {
  ConditionalCheckFailedException,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

import { ServiceError } from '#domain/errors.ts';
import { type ChunkRecord, ChunkRecordSchema, type FileRecord, FileRecordSchema } from '#domain/file-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { FileLedger } from '#ports/file-ledger.ts';
import { deadlineIn } from '#runtime/deadline.ts';
import { type Item, keyOf } from './dynamo-decision-store-items.ts';
import { chunkSk, contentOf, FILE_SK, filePk, LAST_CHUNK_SK, OPEN_SK, openAttributes } from './dynamo-file-items.ts';
import { type ExpiringTable, expiryOf } from './dynamo-table.ts';

const WHAT = 'the file table';
/** For one call with its retries. */
const CALL_MS = 10_000;
const WRITES_AT_ONCE = 10;

/** The ledger on DynamoDB: a file and its chunks share a partition, each record is one JSON string. */
export class DynamoFileLedger implements FileLedger {
  readonly #options: ExpiringTable;

  constructor(options: ExpiringTable) {
    this.#options = options;
  }

  async find(fileId: string): Promise<FileRecord | undefined> {
    const item = await this.#get(fileId, FILE_SK);
    return item && FileRecordSchema.parse(contentOf(item));
  }

  async begin(record: FileRecord): Promise<FileRecord> {
    const { fileId } = record;
    const opened = openAttributes(fileId, this.#options.clock.nowMs());
    const [begun] = await Promise.all([
      this.#putNew(fileId, FILE_SK, recordAttributes(record)),
      this.#putNew(fileId, OPEN_SK, opened),
    ]);
    return begun ? record : ((await this.find(fileId)) ?? record);
  }

  async reopen(fileId: string): Promise<void> {
    const { openShard, openSince } = openAttributes(fileId, this.#options.clock.nowMs());
    await this.#updateIf(fileId, OPEN_SK, {
      // A file that began under a release without this item has none yet.
      UpdateExpression:
        'SET openShard = :shard, openSince = :since, v = if_not_exists(v, :v), expiresAt = if_not_exists(expiresAt, :end)',
      ExpressionAttributeValues: {
        ':shard': openShard!,
        ':since': openSince!,
        ':v': { N: '1' },
        ':end': { N: String(expiryOf(this.#options)) },
      },
    });
  }

  async update(record: FileRecord, owner: string): Promise<void> {
    const written = await this.#updateIf(record.fileId, FILE_SK, {
      UpdateExpression: 'SET #record = :record, #status = :status',
      ConditionExpression: 'leaseOwner = :owner',
      ExpressionAttributeNames: { '#record': 'record', '#status': 'status' },
      ExpressionAttributeValues: {
        ':record': { S: JSON.stringify(record) },
        ':status': { S: record.status },
        ':owner': { S: owner },
      },
    });
    if (!written) throw new ServiceError('conflict', 'the file is worked on by another invocation');
  }

  takeLease(fileId: string, owner: string, untilMs: number): Promise<boolean> {
    return this.#updateIf(fileId, FILE_SK, {
      UpdateExpression: 'SET leaseOwner = :owner, leaseUntil = :until',
      ConditionExpression:
        'attribute_exists(pk) AND (attribute_not_exists(leaseOwner) OR leaseOwner = :owner OR leaseUntil <= :now)',
      ExpressionAttributeValues: {
        ':owner': { S: owner },
        ':until': { N: String(Math.ceil(untilMs)) },
        ':now': { N: String(this.#options.clock.nowMs()) },
      },
    });
  }

  renewLease(fileId: string, owner: string, untilMs: number): Promise<boolean> {
    return this.#updateIf(fileId, FILE_SK, {
      UpdateExpression: 'SET leaseUntil = :until',
      ConditionExpression: 'leaseOwner = :owner',
      ExpressionAttributeValues: { ':owner': { S: owner }, ':until': { N: String(Math.ceil(untilMs)) } },
    });
  }

  async releaseLease(fileId: string, owner: string): Promise<void> {
    await this.#updateIf(fileId, FILE_SK, {
      UpdateExpression: 'REMOVE leaseOwner, leaseUntil',
      ConditionExpression: 'leaseOwner = :owner',
      ExpressionAttributeValues: { ':owner': { S: owner } },
    });
  }

  async addChunks(chunks: readonly ChunkRecord[]): Promise<void> {
    for (let at = 0; at < chunks.length; at += WRITES_AT_ONCE) {
      const group = chunks.slice(at, at + WRITES_AT_ONCE);
      await Promise.all(
        group.map((chunk) => this.#putNew(chunk.fileId, chunkSk(chunk.sequence), recordAttributes(chunk))),
      );
    }
  }

  async findChunk(fileId: string, sequence: number): Promise<ChunkRecord | undefined> {
    const item = await this.#get(fileId, chunkSk(sequence));
    return item && chunkOf(item);
  }

  async settleChunk(chunk: ChunkRecord): Promise<void> {
    await this.#updateIf(chunk.fileId, chunkSk(chunk.sequence), {
      UpdateExpression: 'SET #record = :record, #status = :status',
      ConditionExpression: 'attribute_exists(pk) AND #status <> :settled',
      ExpressionAttributeNames: { '#record': 'record', '#status': 'status' },
      ExpressionAttributeValues: {
        ':record': { S: JSON.stringify(chunk) },
        ':status': { S: chunk.status },
        ':settled': { S: 'settled' },
      },
    });
  }

  async *chunksAfter(fileId: string, sequence: number): AsyncIterable<ChunkRecord> {
    let from: Item | undefined;
    do {
      const page: QueryCommandOutput = await this.#call((options) =>
        this.#options.dynamoDb.send(
          new QueryCommand({
            TableName: this.#options.tableName,
            KeyConditionExpression: 'pk = :pk AND sk BETWEEN :first AND :last',
            ExpressionAttributeValues: {
              ':pk': { S: filePk(fileId) },
              ':first': { S: chunkSk(sequence + 1) },
              ':last': { S: LAST_CHUNK_SK },
            },
            ConsistentRead: true,
            ExclusiveStartKey: from,
          }),
          options,
        ),
      );
      for (const item of page.Items ?? []) yield chunkOf(item);
      from = page.LastEvaluatedKey;
    } while (from);
  }

  async #get(fileId: string, sk: string): Promise<Item | undefined> {
    const command = () =>
      new GetItemCommand({ TableName: this.#options.tableName, Key: keyOf(filePk(fileId), sk), ConsistentRead: true });
    const { Item } = await this.#call((options) => this.#options.dynamoDb.send(command(), options));
    return Item;
  }

  /** @returns false when an item with this key is there already; after a lost answer it may be this very one. */
  #putNew(fileId: string, sk: string, attributes: Item): Promise<boolean> {
    const { tableName, dynamoDb } = this.#options;
    const Item = {
      ...keyOf(filePk(fileId), sk),
      v: { N: '1' },
      ...attributes,
      expiresAt: { N: String(expiryOf(this.#options)) },
    };
    const command = () =>
      new PutItemCommand({ TableName: tableName, Item, ConditionExpression: 'attribute_not_exists(pk)' });
    return this.#conditional((options) => dynamoDb.send(command(), options));
  }

  #updateIf(fileId: string, sk: string, update: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>): Promise<boolean> {
    const { tableName, dynamoDb } = this.#options;
    const command = () => new UpdateItemCommand({ TableName: tableName, Key: keyOf(filePk(fileId), sk), ...update });
    return this.#conditional((options) => dynamoDb.send(command(), options));
  }

  async #conditional(send: (options: { readonly abortSignal: AbortSignal }) => Promise<unknown>): Promise<boolean> {
    try {
      await this.#call(send);
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }

  #call<Result>(send: (options: { readonly abortSignal: AbortSignal }) => Promise<Result>): Promise<Result> {
    const deadline: Deadline = deadlineIn(CALL_MS);
    return this.#options.call(send, { deadline, what: WHAT });
  }
}

const recordAttributes = (record: FileRecord | ChunkRecord): Item => ({
  record: { S: JSON.stringify(record) },
  status: { S: record.status },
});

const chunkOf = (item: Item): ChunkRecord => ChunkRecordSchema.parse(contentOf(item));
