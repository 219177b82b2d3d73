import { createHash } from 'node:crypto';

import { PutItemCommand, QueryCommand, type TransactWriteItem } from '@aws-sdk/client-dynamodb';

import type { Decision } from '#domain/decision.ts';
import { unpackText } from '#domain/packed-text.ts';
import { mergeMoves } from '#features/history/state/moves.ts';
import type { Deadline } from '#ports/clock.ts';
import type { DecisionStore, EventCommit, RecordedEvent } from '#ports/decision-store.ts';
import type { Metrics } from '#ports/telemetry.ts';
import {
  decisionItem,
  decisionOf,
  decisionSk,
  EVENT_SK,
  entityPk,
  eventItem,
  eventPk,
  INDEXED_ROLES,
  type Item,
  keyOf,
  rivalItem,
  textOf,
} from './dynamo-decision-store-items.ts';
import { readItems } from './dynamo-decision-store-read.ts';
import { commitWithMoves, type MovedPages } from './dynamo-page-moves.ts';
import { type ExpiringTable, expiryOf } from './dynamo-table.ts';

const WHAT = 'the event table';
/**
 * Kept beyond the days of retention: an event may be dated five minutes ahead, and its repeat wait on a queue, so that
 * one still admitted must find the first.
 */
const MARGIN_DAYS = 1;
/** Of a group whose pages others move as well, before it is to be made smaller. */
const MOST_CONFLICTS = 4;
const READ_ATTRIBUTES = ['pk', 'sk', 'contentHash', 'origin', 'record'];

/** What the store is made of. */
export interface DynamoDecisionStoreOptions extends ExpiringTable {
  readonly metrics: Metrics;
  /** Where the pages are that events move. @default none may be moved */
  readonly profileTableName?: string;
}

/** One action of a transaction, and the event it belongs to. */
interface Action {
  readonly eventId: string;
  readonly write: TransactWriteItem;
}

/** Events and decisions on DynamoDB: an event and its decisions share a partition, four sparse indexes find entities. */
export class DynamoDecisionStore implements DecisionStore {
  readonly #options: DynamoDecisionStoreOptions;

  constructor(options: DynamoDecisionStoreOptions) {
    this.#options = options;
  }

  async find(
    eventType: string,
    eventIds: readonly string[],
    detectors: readonly string[],
    deadline: Deadline,
  ): Promise<ReadonlyMap<string, RecordedEvent>> {
    const sortKeys = [EVENT_SK, ...detectors.map(decisionSk)];
    // DynamoDB refuses a batch that names a key twice.
    const keys = [...new Set(eventIds)].flatMap((id) => sortKeys.map((sk) => keyOf(eventPk(eventType, id), sk)));
    const read = (wanted: readonly Item[]) => readItems(this.#options, wanted, READ_ATTRIBUTES, deadline);
    const seen = await read(keys);
    // Items are read one by one: a decision may have been looked for before the commit that the event was seen after.
    const there = new Set(seen.map(positionOf));
    const items = Map.groupBy(
      [
        ...seen,
        ...(await read(
          keys.filter((key) => there.has(`${textOf(key, 'pk')} ${EVENT_SK}`) && !there.has(positionOf(key))),
        )),
      ],
      (item) => textOf(item, 'pk'),
    );
    const found = eventIds.map((id) => [id, recordedEventOf(items.get(eventPk(eventType, id)) ?? [])] as const);
    return new Map(found.filter((entry): entry is [string, RecordedEvent] => entry[1] !== undefined));
  }

  async byEvent(eventType: string, eventId: string, deadline: Deadline): Promise<RecordedEvent | undefined> {
    const { dynamoDb, tableName, call } = this.#options;
    const items: Item[] = [];
    let from: Item | undefined;
    do {
      const command = new QueryCommand({
        TableName: tableName,
        KeyConditionExpression: 'pk = :pk and sk between :first and :last',
        // Decisions and the event stand side by side in the order of sort keys; rivals lie behind.
        ExpressionAttributeValues: {
          ':pk': { S: eventPk(eventType, eventId) },
          ':first': { S: decisionSk('') },
          ':last': { S: EVENT_SK },
        },
        ConsistentRead: true,
        ...(from && { ExclusiveStartKey: from }),
      });
      const page = await call((options) => dynamoDb.send(command, options), { deadline, what: WHAT });
      items.push(...(page.Items ?? []));
      from = page.LastEvaluatedKey;
    } while (from);
    return recordedEventOf(items);
  }

  async commit(group: readonly EventCommit[], deadline: Deadline): Promise<ReadonlySet<string>> {
    const { dynamoDb, metrics } = this.#options;
    const actions = group.flatMap((commit) => this.#actionsOf(commit));
    if (actions.length === 0) return new Set();
    const pages = this.#pagesMovedBy(group);
    const startedWithMs = deadline.remainingMs();
    const outcome = await commitWithMoves(
      dynamoDb,
      actions.map(({ write }) => write),
      pages,
      deadline,
      {
        onRetry: () => metrics.count('AwsRetries'),
        // A smaller group meets fewer others; without pages, waiting is what helps.
        ...(group.length > 1 && pages.moves.length > 0 && { mostConflicts: MOST_CONFLICTS }),
      },
    );
    metrics.duration('StoreMs', startedWithMs - deadline.remainingMs());
    if (outcome.kind === 'committed') return new Set();
    if (outcome.perhapsOwn && (await this.#isRecordedAsGiven(group, deadline))) return new Set();
    return new Set(outcome.failed.map((index) => actions[index]!.eventId));
  }

  async byEntity(
    { kind, tokens }: { readonly kind: string; readonly tokens: readonly string[] },
    { limit, next }: { readonly limit: number; readonly next?: string },
    deadline: Deadline,
  ): Promise<{ readonly decisions: readonly Decision[]; readonly next?: string }> {
    const numbers = Array.from({ length: INDEXED_ROLES }, (_, index) => index + 1);
    const hits = await Promise.all(
      tokens.flatMap((token) =>
        numbers.map((number) => this.#queryIndex(number, entityPk(kind, token), { limit, next }, deadline)),
      ),
    );
    // An entity in two roles of one event is found twice; the position names event and detector, so it is unique.
    const byPosition = new Map(hits.flat().map((item) => [textOf(item, 'entitySk'), item]));
    const positions = [...byPosition.keys()].sort().reverse();
    const page = positions.slice(0, limit);
    const decisions = await this.#readDecisions(
      page.map((position) => byPosition.get(position)!),
      deadline,
    );
    return { decisions, ...(positions.length > limit && { next: page.at(-1)! }) };
  }

  async keepRival(decision: Decision, deadline: Deadline): Promise<void> {
    const { dynamoDb, tableName, call } = this.#options;
    const recordHash = createHash('sha256').update(JSON.stringify(decision)).digest('hex');
    // The same rival kept twice replaces itself.
    const command = new PutItemCommand({
      TableName: tableName,
      Item: rivalItem(decision, recordHash, this.#expiresAt()),
    });
    await call((options) => dynamoDb.send(command, options), { deadline, what: WHAT });
  }

  #pagesMovedBy(group: readonly EventCommit[]): MovedPages {
    const { profileTableName: tableName, clock } = this.#options;
    const moves = mergeMoves(group.flatMap((commit) => commit.moves ?? []));
    if (tableName === undefined && moves.length > 0) throw new Error('this store was given no table of profiles');
    return { tableName: tableName ?? '', moves, nowMs: clock.nowMs() };
  }

  #expiresAt(): number {
    return expiryOf(this.#options, MARGIN_DAYS);
  }

  /**
   * The writes of one event. Its own item guards them all when it is new: what an expired event may have left behind
   * is replaced. Decisions added to a recorded event are guarded one by one, and need it to be there still.
   */
  #actionsOf(commit: EventCommit): readonly Action[] {
    const expiresAt = this.#expiresAt();
    const decisions = commit.decisions.map((decision) => decisionItem(decision, expiresAt));
    const writes = commit.eventRecorded
      ? [this.#checkRecorded(commit), ...decisions.map((item) => this.#put(item, true))]
      : [this.#put(eventItem(commit, expiresAt), true), ...decisions.map((item) => this.#put(item, false))];
    return writes.map((write) => ({ eventId: commit.event.eventId, write }));
  }

  #checkRecorded({ event, contentHash }: EventCommit): TransactWriteItem {
    return {
      ConditionCheck: {
        TableName: this.#options.tableName,
        Key: keyOf(eventPk(event.eventType, event.eventId), EVENT_SK),
        ConditionExpression: 'contentHash = :contentHash',
        ExpressionAttributeValues: { ':contentHash': { S: contentHash } },
      },
    };
  }

  #put(item: Item, onlyOnce: boolean): TransactWriteItem {
    const condition = onlyOnce ? { ConditionExpression: 'attribute_not_exists(pk)' } : {};
    return { Put: { TableName: this.#options.tableName, Item: item, ...condition } };
  }

  /**
   * Whether each event is on record with exactly these decisions: then an answer that was lost said "committed", and
   * the pages are moved, since no part of a transaction is carried out without the rest.
   */
  async #isRecordedAsGiven(group: readonly EventCommit[], deadline: Deadline): Promise<boolean> {
    const keys = group.flatMap(({ event, decisions }) =>
      [EVENT_SK, ...decisions.map(({ detector }) => decisionSk(detector))].map((sk) =>
        keyOf(eventPk(event.eventType, event.eventId), sk),
      ),
    );
    const items = await readItems(this.#options, keys, READ_ATTRIBUTES, deadline);
    const there = new Map(items.map((item) => [positionOf(item), item]));
    return group.every((commit) => {
      const pk = eventPk(commit.event.eventType, commit.event.eventId);
      const event = there.get(`${pk} ${EVENT_SK}`);
      const sameOrigin = commit.eventRecorded || (event !== undefined && textOf(event, 'origin') === commit.origin);
      const sameDecisions = commit.decisions.every(
        (decision) =>
          unpackText(there.get(`${pk} ${decisionSk(decision.detector)}`)?.record?.S ?? '') === JSON.stringify(decision),
      );
      return sameOrigin && sameDecisions;
    });
  }

  async #queryIndex(
    number: number,
    entity: string,
    { limit, next }: { readonly limit: number; readonly next?: string },
    deadline: Deadline,
  ): Promise<readonly Item[]> {
    const { dynamoDb, tableName, call } = this.#options;
    const command = new QueryCommand({
      TableName: tableName,
      IndexName: `entity-${number}`,
      KeyConditionExpression: `entity${number} = :entity${next === undefined ? '' : ' and entitySk < :next'}`,
      ExpressionAttributeValues: { ':entity': { S: entity }, ...(next !== undefined && { ':next': { S: next } }) },
      ScanIndexForward: false,
      // One more than asked for tells whether there is a next page.
      Limit: limit + 1,
    });
    const { Items = [] } = await call((options) => dynamoDb.send(command, options), { deadline, what: WHAT });
    return Items;
  }

  /** The decisions of these index items, in their order; one that has expired meanwhile is left out. */
  async #readDecisions(hits: readonly Item[], deadline: Deadline): Promise<readonly Decision[]> {
    const keys = hits.map(({ pk, sk }) => ({ pk: pk!, sk: sk! }));
    const items = await readItems(this.#options, keys, READ_ATTRIBUTES, deadline);
    const byKey = new Map(items.map((item) => [positionOf(item), item]));
    return hits
      .map((hit) => byKey.get(positionOf(hit)))
      .filter((item) => item !== undefined)
      .map(decisionOf);
  }
}

const positionOf = (item: Item): string => `${textOf(item, 'pk')} ${textOf(item, 'sk')}`;

const recordedEventOf = (items: readonly Item[]): RecordedEvent | undefined => {
  const event = items.find((item) => textOf(item, 'sk') === EVENT_SK);
  if (!event) return undefined;
  const decisions = items.filter((item) => item !== event).map(decisionOf);
  return { contentHash: textOf(event, 'contentHash'), origin: textOf(event, 'origin'), decisions };
};
