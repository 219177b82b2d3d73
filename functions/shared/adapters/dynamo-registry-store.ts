import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  type PutItemCommandInput,
  QueryCommand,
} from '@aws-sdk/client-dynamodb';
import * as z from 'zod';

import type { Deadline } from '#ports/clock.ts';
import type { RegisteredKind, RegisteredVersion, RegistryHead, RegistryStore } from '#ports/registry-store.ts';
import type { AwsCall } from './aws-call.ts';

type Item = Record<string, AttributeValue>;

export const WHAT = 'the registry table';
export const HEAD_KEY: Item = { pk: { S: 'CATALOG' }, sk: { S: 'HEAD' } };

const text = z.strictObject({ S: z.string() }).transform(({ S }) => S);
const wholeNumber = z.strictObject({ N: z.string() }).transform(({ N }) => Number(N));

const HeadItemSchema = z.object({ revision: wholeNumber, snapshotKey: text, snapshotHash: text });
const VersionItemSchema = z.object({
  kind: text.pipe(z.enum(['event-type', 'detector', 'list', 'model'])),
  name: text,
  version: wholeNumber,
  hash: text,
  documentKey: text,
  documentSha256: text,
  fileSha256: text.optional(),
  registeredAt: text,
  writtenBy: text.optional(),
});

/** The registry on DynamoDB: one item for each version of a document, and one that points at the active snapshot. */
export class DynamoRegistryStore implements RegistryStore {
  readonly #dynamoDb: DynamoDBClient;
  readonly #tableName: string;
  readonly #call: AwsCall;

  constructor(dynamoDb: DynamoDBClient, tableName: string, call: AwsCall) {
    this.#dynamoDb = dynamoDb;
    this.#tableName = tableName;
    this.#call = call;
  }

  async head(deadline: Deadline): Promise<RegistryHead | undefined> {
    const item = await this.#get(HEAD_KEY, deadline);
    return item && HeadItemSchema.parse(item);
  }

  async versions(kind: RegisteredKind, name: string, deadline: Deadline): Promise<readonly RegisteredVersion[]> {
    const found: RegisteredVersion[] = [];
    let from: Item | undefined;
    do {
      const command = new QueryCommand({
        TableName: this.#tableName,
        KeyConditionExpression: 'pk = :pk and begins_with(sk, :version)',
        ExpressionAttributeValues: { ':pk': { S: partitionOf(kind, name) }, ':version': { S: 'V#' } },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      });
      const page = await this.#call((options) => this.#dynamoDb.send(command, options), { deadline, what: WHAT });
      found.push(...(page.Items ?? []).map((item) => VersionItemSchema.parse(item)));
      from = page.LastEvaluatedKey;
    } while (from);
    return found;
  }

  async addVersion(version: RegisteredVersion, deadline: Deadline): Promise<RegisteredVersion> {
    const item = itemOf(version);
    const added = await this.#putIf({ Item: item, ConditionExpression: 'attribute_not_exists(pk)' }, deadline);
    if (added) return version;
    const first = await this.#get({ pk: item.pk!, sk: item.sk! }, deadline);
    return VersionItemSchema.parse(first);
  }

  async #get(Key: Item, deadline: Deadline): Promise<Item | undefined> {
    const command = new GetItemCommand({ TableName: this.#tableName, Key, ConsistentRead: true });
    const { Item } = await this.#call((options) => this.#dynamoDb.send(command, options), { deadline, what: WHAT });
    return Item;
  }

  /** @returns whether the condition held. */
  async #putIf(put: Omit<PutItemCommandInput, 'TableName'>, deadline: Deadline): Promise<boolean> {
    const command = new PutItemCommand({ ...put, TableName: this.#tableName });
    try {
      await this.#call((options) => this.#dynamoDb.send(command, options), { deadline, what: WHAT });
      return true;
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) return false;
      throw error;
    }
  }
}

const partitionOf = (kind: RegisteredKind, name: string): string => `${kind}#${name}`;

const itemOf = (version: RegisteredVersion): Item => ({
  pk: { S: partitionOf(version.kind, version.name) },
  sk: { S: `V#${String(version.version).padStart(6, '0')}` },
  v: { N: '1' },
  kind: { S: version.kind },
  name: { S: version.name },
  version: { N: String(version.version) },
  hash: { S: version.hash },
  documentKey: { S: version.documentKey },
  documentSha256: { S: version.documentSha256 },
  ...(version.fileSha256 !== undefined && { fileSha256: { S: version.fileSha256 } }),
  registeredAt: { S: version.registeredAt },
  ...(version.writtenBy !== undefined && { writtenBy: { S: version.writtenBy } }),
});
