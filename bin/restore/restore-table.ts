import {
  type AttributeValue,
  ConditionalCheckFailedException,
  type DynamoDBClient,
  GetItemCommand,
  PutItemCommand,
  QueryCommand,
  ScanCommand,
} from '@aws-sdk/client-dynamodb';

import { EVENT_SK, type Item, keyOf } from '#adapters/dynamo-decision-store-items.ts';
import { ERASED_SK, KEY_SK } from '#adapters/dynamo-person-keys.ts';
import { mapSideBySide } from '#domain/side-by-side.ts';
import { RESTORED_AT } from '#domain/stream-record.ts';

/** How many items came to what. */
export interface RestoreCounts {
  /** Items of the backup that were looked at. */
  readonly read: number;
  /** Put back. */
  readonly restored: number;
  /** There already: left as they are. */
  readonly present: number;
  /** Of events that have been sent anew with other content since: what is on record now stands. */
  readonly superseded: number;
  /** Keys of people whose erasure is on record: not brought back. */
  readonly erased: number;
  /** Past their time: they would be gone again within days. */
  readonly expired: number;
}

/** Where copying goes on. */
export interface RestorePosition {
  /** Key of the last item of the backup that was done; absent at the beginning. */
  readonly after?: Item;
  readonly counts: RestoreCounts;
}

export interface RestoreOptions {
  /** Table that the backup was restored into. */
  readonly from: string;
  /** Table of the stage. */
  readonly to: string;
  /** Counts, and changes nothing. */
  readonly dryRun: boolean;
  /** Puts items of the backup in the place of those that are there. */
  readonly replace: boolean;
  /** Lets what follows a commit follow these, as if they were new: for a stage whose lake does not have them. */
  readonly asNew: boolean;
  readonly nowMs: number;
  /** @default the beginning */
  readonly position?: RestorePosition;
  /** Told after each page of at most 1 MB. */
  readonly onPage: (position: RestorePosition) => void;
}

export const NOTHING_YET: RestorePosition = {
  counts: { read: 0, restored: 0, present: 0, superseded: 0, erased: 0, expired: 0 },
};

type Fate = Exclude<keyof RestoreCounts, 'read'>;

const AT_ONCE = 32;

/**
 * Copies the items of a restored backup into a table of the stage, where they are missing. May be repeated and broken
 * off anywhere; goes on from a position, while the stage works.
 *
 * Items carry `restoredAt` then, by which the stream's followers know that nothing new was committed: without it the
 * lake would have their rows twice, under another hour of commit.
 */
export const restoreTable = async (dynamoDb: DynamoDBClient, options: RestoreOptions): Promise<RestoreCounts> => {
  let { after, counts } = options.position ?? NOTHING_YET;
  do {
    const scan = new ScanCommand({ TableName: options.from, ExclusiveStartKey: after, ConsistentRead: true });
    const { Items = [], LastEvaluatedKey } = await dynamoDb.send(scan);
    const partitions = [...Map.groupBy(Items, ({ pk }) => pk?.S ?? '').values()];
    const fates = (
      await mapSideBySide(partitions, AT_ONCE, (items) => restorePartition(items, dynamoDb, options))
    ).flat();
    counts = countedWith(counts, fates);
    after = LastEvaluatedKey;
    options.onPage({ ...(after && { after }), counts });
  } while (after);
  return counts;
};

const countedWith = (counts: RestoreCounts, fates: readonly Fate[]): RestoreCounts => {
  const sum = { ...counts, read: counts.read + fates.length };
  for (const fate of fates) sum[fate] += 1;
  return sum;
};

/** Items of one partition, as far as a page has them; the event itself first, so that it is recognised from then on. */
const restorePartition = async (
  items: readonly Item[],
  dynamoDb: DynamoDBClient,
  options: RestoreOptions,
): Promise<readonly Fate[]> => {
  const pk = items[0]?.pk?.S ?? '';
  if (pk.startsWith('E#') && !options.replace && (await isSuperseded(pk, items, dynamoDb, options))) {
    return items.map(() => 'superseded');
  }
  const fates: Fate[] = [];
  const isEvent = ({ sk }: Item): number => (sk?.S === EVENT_SK ? 0 : 1);
  for (const item of [...items].sort((left, right) => isEvent(left) - isEvent(right))) {
    fates.push(await restoreItem(item, dynamoDb, options));
  }
  return fates;
};

/** Whether the stage has an event of this id with other content: decisions of both must not stand side by side. */
const isSuperseded = async (
  pk: string,
  items: readonly Item[],
  dynamoDb: DynamoDBClient,
  { from, to }: RestoreOptions,
): Promise<boolean> => {
  const hashIn = async (TableName: string): Promise<string | undefined> => {
    const Key = keyOf(pk, EVENT_SK);
    const { Item } = await dynamoDb.send(new GetItemCommand({ TableName, Key, ConsistentRead: true }));
    return Item?.contentHash?.S;
  };
  const standing = await hashIn(to);
  if (standing === undefined) return false;
  const here = items.find(({ sk }) => sk?.S === EVENT_SK)?.contentHash?.S ?? (await hashIn(from));
  return here !== undefined && here !== standing;
};

const restoreItem = async (item: Item, dynamoDb: DynamoDBClient, options: RestoreOptions): Promise<Fate> => {
  const { to, dryRun, replace, asNew, nowMs } = options;
  if (item.expiresAt?.N !== undefined && Number(item.expiresAt.N) * 1_000 <= nowMs) return 'expired';
  if (item.sk?.S === KEY_SK && (await isErased(item, dynamoDb, to))) return 'erased';
  if (dryRun) return !replace && (await isPresent(item, dynamoDb, to)) ? 'present' : 'restored';
  const { [RESTORED_AT]: _, ...content } = item;
  const mark: Record<string, AttributeValue> = asNew ? {} : { [RESTORED_AT]: { S: new Date(nowMs).toISOString() } };
  const put = new PutItemCommand({
    TableName: to,
    Item: { ...content, ...mark },
    ...(!replace && { ConditionExpression: 'attribute_not_exists(pk)' }),
  });
  try {
    await dynamoDb.send(put);
    return 'restored';
  } catch (error) {
    if (error instanceof ConditionalCheckFailedException) return 'present';
    throw error;
  }
};

const isPresent = async ({ pk, sk }: Item, dynamoDb: DynamoDBClient, TableName: string): Promise<boolean> => {
  const Key = keyOf(pk?.S ?? '', sk?.S ?? '');
  const get = new GetItemCommand({ TableName, Key, ProjectionExpression: 'pk', ConsistentRead: true });
  return (await dynamoDb.send(get)).Item !== undefined;
};

/** Whether the stage's table says that this key, or a later one of the same person, was erased. */
const isErased = async ({ pk, madeAt }: Item, dynamoDb: DynamoDBClient, TableName: string): Promise<boolean> => {
  const query = new QueryCommand({
    TableName,
    KeyConditionExpression: 'pk = :pk AND sk BETWEEN :from AND :to',
    ExpressionAttributeValues: {
      ':pk': pk ?? { S: '' },
      ':from': { S: `${ERASED_SK}${madeAt?.S ?? ''}` },
      ':to': { S: `${ERASED_SK}~` },
    },
    Limit: 1,
    ConsistentRead: true,
  });
  return ((await dynamoDb.send(query)).Items ?? []).length > 0;
};
