import {
  ConditionalCheckFailedException,
  GetItemCommand,
  QueryCommand,
  type QueryCommandOutput,
  UpdateItemCommand,
  type UpdateItemCommandInput,
} from '@aws-sdk/client-dynamodb';

import { FileRecordSchema } from '#domain/file-record.ts';
import type { Deadline } from '#ports/clock.ts';
import type { OpenFile, OpenFiles } from '#ports/open-files.ts';
import { type Item, keyOf } from './dynamo-decision-store-items.ts';
import { contentOf, FILE_SK, filePk, OPEN_FILES_INDEX, OPEN_SK, SHARDS } from './dynamo-file-items.ts';
import type { ExpiringTable } from './dynamo-table.ts';

const WHAT = 'the file table';

/**
 * Open files on DynamoDB: an item beside each file's record, in a sparse index by shard while the file is open. An
 * index of keys alone: noting progress does not write it. Two writes for each file when it begins (item and index) and
 * two when it closes.
 */
export class DynamoOpenFiles implements OpenFiles {
  readonly #options: ExpiringTable;

  constructor(options: ExpiringTable) {
    this.#options = options;
  }

  async *list(deadline: Deadline): AsyncIterable<string> {
    // Another shard comes first each time: a run that ends early leaves out others than the last one did.
    const first = Math.floor(this.#options.clock.nowMs() / ROTATE_MS) % SHARDS.length;
    for (const shard of [...SHARDS.slice(first), ...SHARDS.slice(0, first)]) yield* this.#listShard(shard, deadline);
  }

  async look(fileId: string, deadline: Deadline): Promise<OpenFile | undefined> {
    const [open, file] = await Promise.all([OPEN_SK, FILE_SK].map((sk) => this.#get(fileId, sk, deadline)));
    if (!open?.openSince?.S) return undefined;
    const [progress, atMs] = [open.seen?.S, Number(open.seenAtMs?.N)];
    return {
      fileId,
      openedAtMs: Date.parse(open.openSince.S),
      record: file && FileRecordSchema.parse(contentOf(file)),
      leased: Number(file?.leaseUntil?.N ?? 0) > this.#options.clock.nowMs(),
      ...(progress !== undefined && { seen: { progress, atMs } }),
      redrives: Number(open.redrives?.N ?? 0),
    };
  }

  noteProgress(fileId: string, progress: string, deadline: Deadline): Promise<void> {
    return this.#update(fileId, deadline, {
      UpdateExpression: 'SET seen = :progress, seenAtMs = :now',
      ExpressionAttributeValues: { ':progress': { S: progress }, ':now': this.#now() },
    });
  }

  noteRedrive(fileId: string, deadline: Deadline): Promise<void> {
    return this.#update(fileId, deadline, {
      UpdateExpression: 'SET seenAtMs = :now ADD redrives :one',
      ExpressionAttributeValues: { ':now': this.#now(), ':one': { N: '1' } },
    });
  }

  async close({ fileId, openedAtMs }: Pick<OpenFile, 'fileId' | 'openedAtMs'>, deadline: Deadline): Promise<void> {
    try {
      await this.#update(fileId, deadline, {
        UpdateExpression: 'REMOVE openShard, openSince',
        ConditionExpression: 'openSince = :seen',
        ExpressionAttributeValues: { ':seen': { S: new Date(openedAtMs).toISOString() } },
      });
    } catch (error) {
      // It was opened again, or closed by another run.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async *#listShard(shard: string, deadline: Deadline): AsyncIterable<string> {
    const { dynamoDb, tableName, call } = this.#options;
    let from: Item | undefined;
    do {
      const command = () =>
        new QueryCommand({
          TableName: tableName,
          IndexName: OPEN_FILES_INDEX,
          KeyConditionExpression: 'openShard = :shard',
          ExpressionAttributeValues: { ':shard': { S: shard } },
          ExclusiveStartKey: from,
        });
      const page: QueryCommandOutput = await call((options) => dynamoDb.send(command(), options), {
        deadline,
        what: WHAT,
      });
      for (const { pk } of page.Items ?? []) yield pk?.S?.slice(filePk('').length) ?? '';
      from = page.LastEvaluatedKey;
    } while (from);
  }

  #now() {
    return { N: String(this.#options.clock.nowMs()) };
  }

  async #get(fileId: string, sk: string, deadline: Deadline): Promise<Item | undefined> {
    const { dynamoDb, tableName, call } = this.#options;
    const command = () =>
      new GetItemCommand({ TableName: tableName, Key: keyOf(filePk(fileId), sk), ConsistentRead: true });
    const { Item } = await call((options) => dynamoDb.send(command(), options), { deadline, what: WHAT });
    return Item;
  }

  async #update(
    fileId: string,
    deadline: Deadline,
    update: Omit<UpdateItemCommandInput, 'TableName' | 'Key'>,
  ): Promise<void> {
    const { dynamoDb, tableName, call } = this.#options;
    const Key = keyOf(filePk(fileId), OPEN_SK);
    const command = () => new UpdateItemCommand({ TableName: tableName, Key, ...update });
    await call((options) => dynamoDb.send(command(), options), { deadline, what: WHAT });
  }
}

const ROTATE_MS = 60_000;
