import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  TransactionCanceledException,
  type TransactWriteItem,
  TransactWriteItemsCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import { type AuditEntry, AuditEntrySchema, BEFORE_FIRST, type ChainEnd } from '#domain/audit.ts';
import type { AuditTrail, HeadMove } from '#ports/audit-trail.ts';
import type { Deadline } from '#ports/clock.ts';
import type { AwsCall } from './aws-call.ts';
import { HEAD_KEY, WHAT } from './dynamo-registry-store.ts';

type Item = Record<string, AttributeValue>;

const PARTITION: AttributeValue = { S: 'AUDIT' };
const END_KEY: Item = { pk: PARTITION, sk: { S: 'HEAD' } };
const DELIVERED_KEY: Item = { pk: PARTITION, sk: { S: 'DELIVERED' } };
const entryKey = (sequence: number): Item => ({
  pk: PARTITION,
  sk: { S: `E#${String(sequence).padStart(12, '0')}` },
});

const MOST_UNDELIVERED = 100;

const wholeNumber = z.strictObject({ N: z.string() }).transform(({ N }) => Number(N));
const EndItemSchema = z.object({ sequence: wholeNumber, hash: z.strictObject({ S: z.string() }) });
const DeliveredItemSchema = z.object({ sequence: wholeNumber });
const EntryItemSchema = z.object({ entry: z.strictObject({ S: z.string() }) });

/**
 * The audit trail on the registry table, in one partition: where the chain ends, every entry, and up to which of them
 * the archive has them. Entries stay there for good; they are few, and a second copy.
 */
export class DynamoAuditTrail implements AuditTrail {
  readonly #dynamoDb: DynamoDBClient;
  readonly #tableName: string;
  readonly #call: AwsCall;

  constructor(dynamoDb: DynamoDBClient, tableName: string, call: AwsCall) {
    this.#dynamoDb = dynamoDb;
    this.#tableName = tableName;
    this.#call = call;
  }

  async end(deadline: Deadline): Promise<ChainEnd> {
    const item = await this.#get(END_KEY, deadline);
    if (!item) return BEFORE_FIRST;
    const { sequence, hash } = EndItemSchema.parse(item);
    return { sequence, hash: hash.S };
  }

  async append(entry: AuditEntry, deadline: Deadline, move?: HeadMove): Promise<boolean> {
    const TableName = this.#tableName;
    const command = new TransactWriteItemsCommand({
      TransactItems: [
        { Put: { TableName, ...endMove(entry) } },
        { Put: { TableName, Item: itemOf(entry), ConditionExpression: 'attribute_not_exists(pk)' } },
        ...(move ? [{ Put: { TableName, ...headMove(move) } }] : []),
      ] satisfies TransactWriteItem[],
      // The entry's hash names this very act: a try whose answer was lost is not written twice.
      ClientRequestToken: entry.hash.slice(0, 36),
    });
    try {
      await this.#call((options) => this.#dynamoDb.send(command, options), {
        deadline,
        what: WHAT,
        retryable: isConflict,
      });
      return true;
    } catch (error) {
      if (!(error instanceof TransactionCanceledException)) throw error;
      // The try before, whose answer was lost, may have written it: the entry that is there tells.
      const there = await this.#get(entryKey(entry.sequence), deadline);
      return there !== undefined && entryIn(there).hash === entry.hash;
    }
  }

  async undelivered(deadline: Deadline): Promise<readonly AuditEntry[]> {
    const item = await this.#get(DELIVERED_KEY, deadline);
    const delivered = item ? DeliveredItemSchema.parse(item).sequence : 0;
    const command = new QueryCommand({
      TableName: this.#tableName,
      KeyConditionExpression: 'pk = :pk and sk between :next and :last',
      ExpressionAttributeValues: {
        ':pk': PARTITION,
        ':next': entryKey(delivered + 1).sk!,
        ':last': entryKey(999_999_999_999).sk!,
      },
      ConsistentRead: true,
      Limit: MOST_UNDELIVERED,
    });
    const { Items = [] } = await this.#call((options) => this.#dynamoDb.send(command, options), {
      deadline,
      what: WHAT,
    });
    return Items.map(entryIn);
  }

  async markDelivered(sequence: number, deadline: Deadline): Promise<void> {
    const N = String(sequence);
    const command = new PutItemCommand({
      TableName: this.#tableName,
      Item: { ...DELIVERED_KEY, v: { N: '1' }, sequence: { N } },
      ConditionExpression: 'attribute_not_exists(pk) or #sequence < :sequence',
      ExpressionAttributeNames: { '#sequence': 'sequence' },
      ExpressionAttributeValues: { ':sequence': { N } },
    });
    try {
      await this.#call((options) => this.#dynamoDb.send(command, options), { deadline, what: WHAT });
    } catch (error) {
      // Another run was further already.
      if (!(error instanceof ConditionalCheckFailedException)) throw error;
    }
  }

  async #get(Key: Item, deadline: Deadline): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: this.#tableName, Key, ConsistentRead: true });
    const { Item } = await this.#call((options) => this.#dynamoDb.send(command, options), { deadline, what: WHAT });
    return Item;
  }
}

const itemOf = (entry: AuditEntry): Item => ({
  ...entryKey(entry.sequence),
  v: { N: '1' },
  entry: { S: JSON.stringify(entry) },
});

const entryIn = (item: Item): AuditEntry => AuditEntrySchema.parse(JSON.parse(EntryItemSchema.parse(item).entry.S));

/** The chain grows from where the writer saw its end, or not at all. */
const endMove = ({ sequence, previous, hash }: AuditEntry) => ({
  Item: { ...END_KEY, v: { N: '1' }, sequence: { N: String(sequence) }, hash: { S: hash } },
  ...(sequence === 1
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: '#hash = :previous',
        ExpressionAttributeNames: { '#hash': 'hash' },
        ExpressionAttributeValues: { ':previous': { S: previous } },
      }),
});

const headMove = ({ head: { revision, snapshotKey, snapshotHash }, expected }: HeadMove) => ({
  Item: {
    ...HEAD_KEY,
    v: { N: '1' },
    revision: { N: String(revision) },
    snapshotKey: { S: snapshotKey },
    snapshotHash: { S: snapshotHash },
  },
  ...(expected === 0
    ? { ConditionExpression: 'attribute_not_exists(pk)' }
    : {
        ConditionExpression: 'revision = :expected',
        ExpressionAttributeValues: { ':expected': { N: String(expected) } },
      }),
});

/** Another transaction was at the same items at that moment: not a failed condition, and over in a moment. */
const isConflict = (error: unknown): boolean =>
  error instanceof TransactionCanceledException &&
  (error.CancellationReasons ?? []).every(({ Code }) => Code === 'None' || Code === 'TransactionConflict');
